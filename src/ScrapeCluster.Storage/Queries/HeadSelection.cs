using System.Text;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Queries;

/// <summary>The selected series of the head as a source: found and sorted at once, 12 bytes a series, and read one by one beside the writer.</summary>
internal static class HeadSelection
{
    public static IBlockSource Open(HeadBlock head, Selection selection, int maxSeries)
    {
        var source = new HeadSource(head, RowsOf(head, selection, maxSeries), selection.MinMs, selection.MaxMs);
        return selection.HiddenLabel.Length > 0 ? new HidingSource(source, selection.HiddenLabel) : source;
    }

    private static HeadRows RowsOf(HeadBlock head, Selection selection, int maxSeries)
    {
        // One epoch from here to the end of sorting: label runs and pair ids stay what they are, also of series that are collected meanwhile.
        using var reader = head.Epochs.Enter();
        var found = new List<uint>();
        foreach (var row in SeriesFilter.Rows(head, selection.Matchers))
        {
            if (!SampleCursor.Touches(head, row, selection.MinMs, selection.MaxMs))
            {
                continue;
            }

            QueryLimitException.ThrowIfFull(found.Count, maxSeries);
            found.Add(row);
        }

        uint[] rows = [.. found];
        Array.Sort(rows, new ByLabels(head, Encoding.UTF8.GetBytes(selection.HiddenLabel)));
        return new HeadRows(rows, [.. rows.Select(row => head.Series.Ref(row))]);
    }

    /// <summary>The order of <see cref="LabelsOrder"/> without making label sets. Equal ids are equal pairs, so bytes are compared once for two rows.</summary>
    private sealed class ByLabels(HeadBlock head, byte[] hidden) : IComparer<uint>
    {
        public int Compare(uint x, uint y)
        {
            var left = PairIds(x);
            var right = PairIds(y);
            var common = left.CommonPrefixLength(right);
            var l = SkipHidden(left, common);
            var r = SkipHidden(right, common);
            while (l < left.Length && r < right.Length)
            {
                if (left[l] != right[r])
                {
                    var (one, other) = (head.Labels[left[l]], head.Labels[right[r]]);
                    var byName = one.Name.Name.AsSpan().SequenceCompareTo(other.Name.Name);
                    return byName != 0 ? byName : one.Value.AsSpan().SequenceCompareTo(other.Value);
                }

                l = SkipHidden(left, l + 1);
                r = SkipHidden(right, r + 1);
            }

            return (left.Length - l).CompareTo(right.Length - r);
        }

        private int SkipHidden(ReadOnlySpan<uint> ids, int at)
        {
            return hidden.Length > 0 && at < ids.Length && head.Labels[ids[at]].Name.Name.AsSpan().SequenceEqual(hidden) ? at + 1 : at;
        }

        private ReadOnlySpan<uint> PairIds(uint row)
        {
            ref var series = ref head.Series.Row(row);
            var count = Volatile.Read(ref series.LabelCount);
            return head.Runs.Read(series.LabelsAt, count);
        }
    }
}
