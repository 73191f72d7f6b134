namespace ScrapeCluster.Node.Receiving;

/// <summary>The texts of one request of 2.0, where they lie in it.</summary>
internal sealed class SymbolTable
{
    /// <summary>An empty one takes two bytes on the wire and more here.</summary>
    public const int MaxCount = 1 << 20;

    private Symbol[] _symbols = new Symbol[256];

    private record struct Symbol(int Start, int Length, SeriesKey Key);

    public int Count { get; private set; }

    public int CapacityBytes => _symbols.Length * 24;

    public void Clear() => Count = 0;

    public void Add(int start, int length, SeriesKey key)
    {
        if (Count == _symbols.Length)
        {
            Array.Resize(ref _symbols, Count * 2);
        }

        _symbols[Count++] = new Symbol(start, length, key);
    }

    public ReadOnlySpan<byte> TextOf(int index, ReadOnlySpan<byte> request) => request.Slice(_symbols[index].Start, _symbols[index].Length);

    public SeriesKey KeyOf(int index) => _symbols[index].Key;
}
