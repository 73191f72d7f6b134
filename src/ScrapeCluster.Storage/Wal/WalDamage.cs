namespace ScrapeCluster.Storage.Wal;

/// <summary>A place in a segment where the bytes are not what the format wants.</summary>
/// <param name="Offset">Start of the first fragment of the record that cannot be read.</param>
public sealed record WalDamage(string File, int Segment, long Offset, string Reason)
{
    public override string ToString() => $"write-ahead log {File} at offset {Offset}: {Reason}";
}
