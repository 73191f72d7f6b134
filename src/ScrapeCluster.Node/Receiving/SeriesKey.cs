using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Receiving;

/// <summary>
/// Stands for the labels of a series as a sender wrote them. A hash, seeded anew in each process; one for which somebody could make two sets with one key
/// would win him nothing, as whoever may send can send to any series.
/// </summary>
internal readonly record struct SeriesKey(ulong High, ulong Low)
{
    public override int GetHashCode() => (int)Low;
}

/// <summary>Makes keys. Those of the two protocols differ also where the labels are the same.</summary>
internal readonly record struct SeriesKeys(ulong Seed)
{
    private const ulong HighSeed = 0x9E3779B97F4A7C15;
    private const ulong SymbolSeed = 0xD1B54A32D192ED03;

    /// <param name="encoded">The label messages of 1.0, or the keys of the symbols of 2.0 one behind the other.</param>
    public SeriesKey Of(ReadOnlySpan<byte> encoded, WriteMessage message)
    {
        var seed = message == WriteMessage.V1 ? Seed : ~Seed;
        return new SeriesKey(XxHash64.Hash(encoded, seed ^ HighSeed), XxHash64.Hash(encoded, seed));
    }

    public SeriesKey OfSymbol(ReadOnlySpan<byte> symbol) => new(XxHash64.Hash(symbol, Seed ^ SymbolSeed), XxHash64.Hash(symbol, Seed ^ SymbolSeed ^ HighSeed));
}
