using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Opening;

/// <summary>
/// References whose series records the log needs for longer than memory knows them: those of a series that is known under an older one, and those with
/// histograms or exemplars, which nothing here keeps. For each the newest that a replay met.
/// </summary>
internal sealed class LogOnlyRefs
{
    private readonly Dictionary<ulong, long> _newestMs = [];

    public void Note(ulong seriesRef, long timestampMs = long.MinValue)
    {
        if (!_newestMs.TryGetValue(seriesRef, out var newestMs) || newestMs < timestampMs)
        {
            _newestMs[seriesRef] = timestampMs;
        }
    }

    /// <summary>The record's entries, where it is of a kind that has times.</summary>
    public void NoteAll(ReadOnlySpan<byte> record)
    {
        if (!TimedRecordReader.Reads(record))
        {
            return;
        }

        for (var entries = new TimedRecordReader(record); entries.MoveNext();)
        {
            Note(entries.Ref, entries.TimestampMs);
        }
    }

    /// <param name="lastSegment">The last one that was replayed.</param>
    public void AddTo(WalExpiries expiries, int lastSegment)
    {
        foreach (var (seriesRef, newestMs) in _newestMs)
        {
            expiries.Add(seriesRef, lastSegment, newestMs);
        }
    }
}
