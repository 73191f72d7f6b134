using System.Collections.Concurrent;

namespace ScrapeCluster.Storage.Head;

/// <summary>A range of time whose samples are deleted, both ends included.</summary>
internal readonly record struct DeletedRange(long MinMs, long MaxMs)
{
    /// <summary>All of the time between the two, both included, is in the range.</summary>
    public bool Covers(long minMs, long maxMs) => MinMs <= minMs && maxMs <= MaxMs;

    /// <summary>A moment between the two, both included, is in the range.</summary>
    public bool Touches(long minMs, long maxMs) => MinMs <= maxMs && minMs <= MaxMs;
}

/// <summary>
/// Deleted ranges of the head's series, by row. Nothing here deletes; a log of Prometheus may hold tombstones, and what they cover must not come back. Their
/// samples stay in the chunks and are passed over by readers, as in Prometheus.
/// </summary>
internal sealed class DeletedRanges
{
    private readonly ConcurrentDictionary<uint, DeletedRange[]> _byRow = new();

    /// <summary>Null when nothing of the series is deleted.</summary>
    public DeletedRange[]? Of(uint row) => _byRow.IsEmpty ? null : _byRow.GetValueOrDefault(row);

    public void Add(uint row, long minMs, long maxMs) =>
        _byRow[row] = [.. _byRow.GetValueOrDefault(row) ?? [], new DeletedRange(minMs, maxMs)];

    public void Forget(uint row) => _byRow.TryRemove(row, out _);

    public static bool Covers(DeletedRange[]? ranges, long timestampMs)
    {
        foreach (var range in ranges ?? [])
        {
            if (timestampMs >= range.MinMs && timestampMs <= range.MaxMs)
            {
                return true;
            }
        }

        return false;
    }
}
