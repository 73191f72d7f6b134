namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>Bodies by their bytes.</summary>
internal sealed class Bytes : IEqualityComparer<byte[]>
{
    public static readonly Bytes Comparer = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
