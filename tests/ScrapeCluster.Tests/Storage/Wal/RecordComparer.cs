namespace ScrapeCluster.Tests.Storage.Wal;

internal sealed class RecordComparer : IEqualityComparer<byte[]>
{
    public static readonly RecordComparer Instance = new();

    public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

    public int GetHashCode(byte[] value) => value.Length;
}
