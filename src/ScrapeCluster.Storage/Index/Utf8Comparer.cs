using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Index;

/// <summary>Byte strings by content, looked up by spans. Seeded per process, since targets choose the keys.</summary>
internal sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly Utf8Comparer Instance = new();

    private readonly ulong _seed = unchecked((ulong)Random.Shared.NextInt64());

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(byte[] key) => GetHashCode(key.AsSpan());

    public int GetHashCode(ReadOnlySpan<byte> alternate) => unchecked((int)XxHash64.Hash(alternate, _seed));

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
