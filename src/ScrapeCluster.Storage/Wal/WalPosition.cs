namespace ScrapeCluster.Storage.Wal;

/// <summary>A place in the log: bytes from the start of a segment.</summary>
public readonly record struct WalPosition(int Segment, long Offset) : IComparable<WalPosition>
{
    public int CompareTo(WalPosition other)
    {
        var bySegment = Segment.CompareTo(other.Segment);
        return bySegment != 0 ? bySegment : Offset.CompareTo(other.Offset);
    }

    public override string ToString() => $"{WalFormat.SegmentName(Segment)}:{Offset}";
}
