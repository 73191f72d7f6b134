using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Opening;

/// <summary>What a replay met and does not keep, by kind: entries, or records where the kind is not known. Read by anyone while it counts.</summary>
internal sealed class PassedEntries
{
    private readonly long[] _counts = new long[(int)WalRecordType.FloatHistogramsWithStart + 1];

    public long this[WalRecordType type] => Volatile.Read(ref _counts[(int)type]);

    public long Total => _counts.Sum();

    public void Add(ReadOnlySpan<byte> record, in PassedRecord passed)
    {
        ref var count = ref _counts[(int)RecordKinds.Of(record)];
        Volatile.Write(ref count, count + Math.Max(passed.Entries, 1));
    }

    /// <summary>Such as "12 exemplars, 3 histograms"; "none".</summary>
    public override string ToString()
    {
        var kinds = RecordKinds.All.Where(kind => this[kind.Type] > 0).Select(kind => $"{this[kind.Type]} {kind.Name}").ToList();
        return kinds.Count == 0 ? "none" : string.Join(", ", kinds);
    }
}
