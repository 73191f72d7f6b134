using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// The series of the head with chunks in a range, sorted by labels: row numbers and references, 12 bytes a series, no object of any of them. A
/// row may be used again for another series later; its reference tells.
/// </summary>
internal sealed class HeadRows
{
    /// <param name="rows">Sorted by labels.</param>
    /// <param name="refs">Of these rows, as they were when they were sorted.</param>
    public HeadRows(uint[] rows, ulong[] refs)
    {
        Rows = rows;
        Refs = refs;
    }

    public uint[] Rows { get; }

    public ulong[] Refs { get; }

    /// <param name="minMs">First millisecond of the range, included.</param>
    /// <param name="maxMs">Its last, included.</param>
    public static HeadRows Of(HeadBlock head, long minMs, long maxMs, CancellationToken cancellation = default)
    {
        // One epoch from here to the end of sorting: label runs and pair ids stay what they are, also of series that are collected meanwhile.
        using var reader = head.Epochs.Enter();
        var rows = Touching(head, minMs, maxMs);
        cancellation.ThrowIfCancellationRequested();
        Sort(head, rows, new LabelRanks(head.Labels, cancellation));
        var refs = new ulong[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            refs[i] = head.Series.Ref(rows[i]);
        }

        return new HeadRows(rows, refs);
    }

    private static uint[] Touching(HeadBlock head, long minMs, long maxMs)
    {
        var end = head.Series.End;
        var rows = new uint[end];
        var count = 0;
        for (var row = 1u; row < end; row++)
        {
            if (Volatile.Read(ref head.Series.Row(row).LabelCount) != 0 && SampleCursor.Touches(head, row, minMs, maxMs))
            {
                rows[count++] = row;
            }
        }

        Array.Resize(ref rows, count);
        return rows;
    }

    /// <summary>By the first two labels as numbers, then what is equal by the rest.</summary>
    private static void Sort(HeadBlock head, uint[] rows, LabelRanks ranks)
    {
        var keys = new ulong[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            keys[i] = ranks.Key(PairIds(head, rows[i]));
        }

        Array.Sort(keys, rows);
        Comparison<uint> byRest = (left, right) => ranks.Compare(PairIds(head, left), PairIds(head, right));
        for (var from = 0; from < rows.Length;)
        {
            var to = from + 1;
            while (to < rows.Length && keys[to] == keys[from])
            {
                to++;
            }

            if (to - from > 1)
            {
                rows.AsSpan(from, to - from).Sort(byRest);
            }

            from = to;
        }
    }

    private static ReadOnlySpan<uint> PairIds(HeadBlock head, uint row)
    {
        ref var series = ref head.Series.Row(row);
        var count = Volatile.Read(ref series.LabelCount);
        return head.Runs.Read(series.LabelsAt, count);
    }
}
