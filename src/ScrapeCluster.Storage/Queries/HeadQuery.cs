using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Queries;

/// <summary>
/// Reads the head from any thread, beside the writer. Every call sees all that was acknowledged before it began. Times are
/// milliseconds, ranges include both ends. Matchers as in Prometheus: one that matches the empty value also selects series
/// without the label; no matchers select everything.
/// </summary>
internal sealed class HeadQuery(HeadBlock head)
{
    private readonly HeadBlock _head = head;

    public HeadStats Stats => new(_head.SeriesCount, _head.Labels.PairCount, _head.ChunkCount, _head.MinTimeMs, _head.MaxTimeMs);

    /// <summary>The series with at least one sample in the range, sorted by labels.</summary>
    /// <exception cref="IOException">A chunk could not be read from its file; other queries are not disturbed.</exception>
    public IReadOnlyList<SeriesSamples> Select(IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        using var reader = _head.Epochs.Enter();
        var cursor = new SampleCursor(_head);
        var found = new List<SeriesSamples>();
        foreach (var row in SeriesFilter.Rows(_head, matchers))
        {
            if (cursor.Read(row, minMs, maxMs) && LabelsOf(row) is { } labels)
            {
                found.Add(new SeriesSamples(labels, [.. cursor.TimestampsMs], [.. cursor.Values]));
            }
        }

        found.Sort(static (left, right) => LabelsOrder.Instance.Compare(left.Labels, right.Labels));
        return found;
    }

    /// <summary>The newest sample of every selected series that is not older than the lookback, staleness markers too; sorted by labels.</summary>
    public IReadOnlyList<SpacedSample> NewestSamples(IReadOnlyList<LabelMatcher> matchers, long atMs, TimeSpan lookback, int maxSeries)
    {
        using var reader = _head.Epochs.Enter();
        var cursor = new SampleCursor(_head);
        var oldestMs = atMs - (long)lookback.TotalMilliseconds + 1;
        var found = new List<SpacedSample>();
        foreach (var row in SeriesFilter.Rows(_head, matchers))
        {
            if (cursor.TryReadLatest(row, oldestMs, atMs, out var timestampMs, out var value, out var spacingMs) && LabelsOf(row) is { } labels)
            {
                QueryLimitException.ThrowIfFull(found.Count, maxSeries);
                found.Add(new SpacedSample(labels, timestampMs, value, spacingMs));
            }
        }

        found.Sort(static (left, right) => LabelsOrder.Instance.Compare(left.Labels, right.Labels));
        return found;
    }

    /// <summary>Names of labels that the selected series have, sorted.</summary>
    public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        using var reader = _head.Epochs.Enter();
        if (matchers.Count == 0 && CoversAll(minMs, maxMs))
        {
            return Sorted(_head.Labels.Names.Select(name => name.Name));
        }

        return Sorted(PairsOf(matchers, minMs, maxMs).Select(pair => pair.Name.Name).Distinct());
    }

    /// <summary>Values that a label has in the selected series, sorted.</summary>
    public IReadOnlyList<string> LabelValues(
        string name, IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        using var reader = _head.Epochs.Enter();
        if (_head.Labels.FindName(Encoding.UTF8.GetBytes(name)) is not { } label)
        {
            return [];
        }

        if (matchers.Count == 0 && CoversAll(minMs, maxMs))
        {
            return Sorted(label.Values.Where(value => !value.Value.Rows.IsEmpty).Select(value => value.Key));
        }

        return Sorted(PairsOf(matchers, minMs, maxMs).Where(pair => pair.Name == label).Select(pair => pair.Value));
    }

    private bool CoversAll(long minMs, long maxMs) => minMs <= _head.MinTimeMs && maxMs >= _head.MaxTimeMs;

    private HashSet<Index.LabelPair> PairsOf(IReadOnlyList<LabelMatcher> matchers, long minMs, long maxMs)
    {
        var pairs = new HashSet<Index.LabelPair>();
        foreach (var row in RowsWithChunks(matchers, minMs, maxMs))
        {
            ref var series = ref _head.Series.Row(row);
            var count = Volatile.Read(ref series.LabelCount);
            foreach (var id in _head.Runs.Read(series.LabelsAt, count))
            {
                pairs.Add(_head.Labels[id]);
            }
        }

        return pairs;
    }

    private IEnumerable<uint> RowsWithChunks(IReadOnlyList<LabelMatcher> matchers, long minMs, long maxMs)
    {
        return SeriesFilter.Rows(_head, matchers).Where(row => SampleCursor.Touches(_head, row, minMs, maxMs));
    }

    /// <summary>Null when the series was collected while the query ran.</summary>
    private Labels? LabelsOf(uint row)
    {
        ref var series = ref _head.Series.Row(row);
        var count = Volatile.Read(ref series.LabelCount);
        return count == 0 ? null : _head.Labels.ToLabels(_head.Runs.Read(series.LabelsAt, count));
    }

    private static string[] Sorted(IEnumerable<byte[]> texts)
    {
        byte[][] sorted = [.. texts];
        Array.Sort(sorted, static (left, right) => left.AsSpan().SequenceCompareTo(right));
        return [.. sorted.Select(Encoding.UTF8.GetString)];
    }
}
