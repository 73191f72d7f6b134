using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>A place between two samples of the log: before the sample with this number (from 0) of the record that starts at this offset.</summary>
internal readonly record struct SamplePosition(int Segment, long Offset, int Index) : IComparable<SamplePosition>
{
    public SamplePosition(WalPosition record, int index = 0)
        : this(record.Segment, record.Offset, index)
    {
    }

    /// <summary>Where the log has to be read from to get at the sample.</summary>
    public WalPosition Record => new(Segment, Offset);

    public static bool operator <(SamplePosition left, SamplePosition right) => left.CompareTo(right) < 0;

    public static bool operator >(SamplePosition left, SamplePosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(SamplePosition left, SamplePosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SamplePosition left, SamplePosition right) => left.CompareTo(right) >= 0;

    public static SamplePosition Min(SamplePosition left, SamplePosition right) => left < right ? left : right;

    public static SamplePosition Max(SamplePosition left, SamplePosition right) => left > right ? left : right;

    public int CompareTo(SamplePosition other)
    {
        var byRecord = Record.CompareTo(other.Record);
        return byRecord != 0 ? byRecord : Index.CompareTo(other.Index);
    }

    public override string ToString() => $"{Record}+{Index}";
}
