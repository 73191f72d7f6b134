using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Queries;

/// <summary>
/// Reads head and blocks as one, from any thread, beside the writer and beside compaction. Every call sees all that was acknowledged before it began; of two
/// samples of a series at the same time it sees one, the head's if the head has it. Times are milliseconds, ranges include both ends. Matchers as in
/// Prometheus: one that matches the empty value also selects series without the label; no matchers select everything.
/// </summary>
/// <remarks>Every method throws an <see cref="IOException"/> on a file that is damaged or cannot be read; other queries are not disturbed.</remarks>
public sealed class StorageQuery
{
    private readonly HeadBlock _head;
    private readonly HeadQuery _headQuery;
    private readonly Func<long, long, IReadOnlyList<BlockReader>> _blocks;

    /// <param name="blocks">Readers of the blocks that touch a range, both ends included: <see cref="BlockFolder.Read"/>.</param>
    internal StorageQuery(HeadBlock head, Func<long, long, IReadOnlyList<BlockReader>> blocks)
    {
        _head = head;
        _headQuery = new HeadQuery(head);
        _blocks = blocks;
    }

    /// <summary>Of the head alone.</summary>
    public HeadStats Stats => _headQuery.Stats;

    /// <summary>Of the head alone, each list with at most so many entries.</summary>
    public HeadRankings Rankings(int limit)
    {
        using var reader = _head.Epochs.Enter();
        return HeadRankings.Of(_head.Labels, limit);
    }

    /// <summary>For whoever moves samples from the head into blocks.</summary>
    internal PendingReads Pending { get; } = new();

    /// <summary>The selected series one by one; for answers of any size.</summary>
    public SeriesCursor Open(Selection selection, QueryLimits limits = default)
    {
        var reading = Pending.Begin(selection.MinMs);
        try
        {
            return new SeriesCursor(OpenSources(selection, limits.MaxSeries), selection.IsOfLabels, limits, reading);
        }
        catch
        {
            reading.Dispose();
            throw;
        }
    }

    /// <summary>The selected series with their samples, for answers that are small.</summary>
    public IReadOnlyList<SeriesSamples> Select(IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        using var series = Open(new Selection(matchers, minMs, maxMs));
        var found = new List<SeriesSamples>();
        while (series.MoveNext())
        {
            List<long> timestamps = [];
            List<double> values = [];
            series.ReadSamples(timestamps, values);
            if (timestamps.Count > 0)
            {
                found.Add(new SeriesSamples(series.Labels, [.. timestamps], [.. values]));
            }
        }

        return found;
    }

    /// <summary>Label sets of the series with a chunk that touches the range, sorted, read one by one.</summary>
    public IEnumerable<Labels> Series(
        IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue, QueryLimits limits = default)
    {
        using var series = Open(new Selection(matchers, minMs, maxMs) { IsOfLabels = true }, limits);
        while (series.MoveNext())
        {
            yield return series.Labels;
        }
    }

    /// <summary>
    /// Names of labels that the selected series have, sorted. Without matchers a block that touches the range gives all of its names, as with Prometheus: its
    /// tables have them at hand, while its series would have to be read one by one.
    /// </summary>
    public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        var ofHead = _headQuery.LabelNames(matchers, minMs, maxMs);
        return Texts(minMs, maxMs, ofHead, block => matchers.Count == 0 ? block.LabelNames([]) : block.LabelNames(matchers, minMs, maxMs));
    }

    /// <summary>Values that a label has in the selected series, sorted; without matchers in the same way.</summary>
    public IReadOnlyList<string> LabelValues(
        string name, IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        var ofHead = _headQuery.LabelValues(name, matchers, minMs, maxMs);
        return Texts(minMs, maxMs, ofHead, block => matchers.Count == 0 ? block.LabelValues(name, []) : block.LabelValues(name, matchers, minMs, maxMs));
    }

    /// <summary>
    /// The newest sample of every selected series that is not older than the lookback; series whose newest sample is a staleness
    /// marker are left out. Sorted by labels.
    /// </summary>
    public IReadOnlyList<LatestSample> LatestSamples(IReadOnlyList<LabelMatcher> matchers, long atMs, TimeSpan lookback)
    {
        return [.. NewestSamples(matchers, atMs, lookback)
            .Where(sample => !SpecialValues.IsStaleNaN(sample.Value))
            .Select(sample => new LatestSample(sample.Labels, sample.TimestampMs, sample.Value))];
    }

    /// <summary>The same with staleness markers, for those who compare it with what other nodes have.</summary>
    public IReadOnlyList<SpacedSample> NewestSamples(IReadOnlyList<LabelMatcher> matchers, long atMs, TimeSpan lookback, QueryLimits limits = default)
    {
        var oldestMs = atMs - (long)lookback.TotalMilliseconds + 1;
        using var reading = Pending.Begin(oldestMs);
        var ofHead = _headQuery.NewestSamples(matchers, atMs, lookback, limits.MaxSeries);
        var ofBlocks = NewestOfBlocks(matchers, oldestMs, atMs, limits.MaxSeries);
        return ofBlocks.Count == 0 ? ofHead : NewerOf(ofBlocks, ofHead);
    }

    private IBlockSource OpenSources(Selection selection, int maxSeries)
    {
        // The head first: what it gives up from now on is in a block of the list that is taken next, or kept while this query is pending.
        var sources = new List<IBlockSource> { HeadSelection.Open(_head, selection, maxSeries) };
        IReadOnlyList<BlockReader> readers = [];
        try
        {
            readers = _blocks(selection.MinMs, selection.MaxMs);
            foreach (var reader in readers)
            {
                // Of samples at the same time the one of the later source stays: the head comes last.
                sources.Insert(sources.Count - 1, BlockSelection.Open(reader, selection));
            }

            return sources is [var head] ? head : new MergedSource([.. sources.Select(source => new OpenedInput(source))]);
        }
        catch
        {
            sources.ForEach(source => source.Dispose());
            Release(readers);
            throw;
        }
    }

    private IReadOnlyList<string> Texts(long minMs, long maxMs, IReadOnlyList<string> ofHead, Func<BlockQuery, IEnumerable<string>> ofBlock)
    {
        var readers = _blocks(minMs, maxMs);
        if (readers.Count == 0)
        {
            return ofHead;
        }

        try
        {
            var found = new HashSet<string>(ofHead, StringComparer.Ordinal);
            foreach (var reader in readers)
            {
                found.UnionWith(ofBlock(new BlockQuery(reader)));
            }

            return [.. found.Order(Utf8Order.Instance)];
        }
        finally
        {
            Release(readers);
        }
    }

    /// <summary>Seldom any: samples this new are in blocks only when somebody brought such blocks, or the clock was set back.</summary>
    private List<SpacedSample> NewestOfBlocks(IReadOnlyList<LabelMatcher> matchers, long minMs, long maxMs, int maxSeries)
    {
        var readers = _blocks(minMs, maxMs);
        try
        {
            var found = new List<SpacedSample>();
            foreach (var series in readers.SelectMany(reader => new BlockQuery(reader).Select(matchers, minMs, maxMs)))
            {
                QueryLimitException.ThrowIfFull(found.Count, maxSeries);
                found.Add(NewestOf(series));
            }

            return found;
        }
        finally
        {
            Release(readers);
        }
    }

    /// <summary>A reader that went with its source is let go of once.</summary>
    private static void Release(IReadOnlyList<BlockReader> readers)
    {
        foreach (var reader in readers)
        {
            reader.Dispose();
        }
    }

    private static SpacedSample NewestOf(SeriesSamples series)
    {
        var spacingMs = series.TimestampsMs.Length > 1 ? series.TimestampsMs[^1] - series.TimestampsMs[^2] : 0;
        return new SpacedSample(series.Labels, series.TimestampsMs[^1], series.Values[^1], spacingMs);
    }

    /// <summary>Of samples at the same time the later one.</summary>
    private static List<SpacedSample> NewerOf(IEnumerable<SpacedSample> samples, IEnumerable<SpacedSample> later)
    {
        var newest = new Dictionary<Labels, SpacedSample>();
        foreach (var sample in samples.Concat(later))
        {
            if (!newest.TryGetValue(sample.Labels, out var known) || known.TimestampMs <= sample.TimestampMs)
            {
                newest[sample.Labels] = sample;
            }
        }

        return [.. newest.Values.OrderBy(sample => sample.Labels, LabelsOrder.Instance)];
    }

    /// <summary>A source that is open already, where inputs are asked for.</summary>
    private sealed class OpenedInput(IBlockSource source) : IBlockInput
    {
        public IBlockSource Open() => source;
    }
}
