using System.Runtime.InteropServices;
using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Storage.Offline;

/// <summary>
/// Counts labels over series whose texts are numbers; texts are asked for at the end, for what gets into a list, and once for each pair.
/// A series that does not cover the whole range counts as churn: the time that it lacks, in units of the range, summed up over the series of a label.
/// </summary>
internal sealed class LabelCounts(long rangeMs)
{
    private readonly Dictionary<(uint Name, uint Value), Counts> _pairs = [];
    private readonly Dictionary<uint, double> _uncoveredByName = [];

    public long Series { get; private set; }

    /// <param name="minMs">Of the first sample of the series.</param>
    /// <param name="maxMs">Of its last one.</param>
    public void Add(IReadOnlyList<(uint Name, uint Value)> labels, long minMs, long maxMs)
    {
        Series++;
        var uncovered = (double)(rangeMs - (maxMs - minMs));
        foreach (var label in labels)
        {
            ref var pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, label, out _);
            pair.Series++;
            pair.UncoveredMs += uncovered;
            CollectionsMarshal.GetValueRefOrAddDefault(_uncoveredByName, label.Name, out _) += uncovered;
        }
    }

    public Analysis ToAnalysis(string block, long minMs, BlockStats stats, long chunkBytes, long indexBytes, Func<uint, string> text, int limit)
    {
        var values = new Dictionary<uint, (long Count, long Bytes)>();
        foreach (var (name, value) in _pairs.Keys)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(values, name, out _);
            sum = (sum.Count + 1, sum.Bytes + Encoding.UTF8.GetByteCount(text(value)));
        }

        string Pair((uint Name, uint Value) pair) => $"{text(pair.Name)}={text(pair.Value)}";
        var metrics = _pairs.Where(pair => text(pair.Key.Name) == Labels.MetricName);
        return new Analysis(
            block,
            minMs,
            minMs + rangeMs,
            Series,
            stats.Samples,
            stats.Chunks,
            chunkBytes,
            indexBytes,
            values.Count,
            _pairs.Count,
            _pairs.Values.Sum(static pair => pair.Series),
            Largest(_pairs, static pair => pair.UncoveredMs, pair => Pair(pair), limit, perRange: true),
            Largest(_uncoveredByName, static uncovered => uncovered, text, limit, perRange: true),
            Largest(_pairs, static pair => pair.Series, pair => Pair(pair), limit),
            Largest(values, static sum => sum.Bytes, text, limit),
            Largest(values, static sum => sum.Count, text, limit),
            Largest(metrics, static pair => pair.Series, pair => text(pair.Value), limit));
    }

    private List<RankedCount> Largest<TKey, TCounts>(
        IEnumerable<KeyValuePair<TKey, TCounts>> all, Func<TCounts, double> count, Func<TKey, string> text, int limit, bool perRange = false)
    {
        // What is equal to the last of the list is ordered by name too, so texts are made of these alone.
        var counted = all.Select(one => (one.Key, Count: (long)(count(one.Value) / (perRange ? Math.Max(rangeMs, 1) : 1)))).ToList();
        var least = counted.Count <= limit ? long.MinValue : counted.Select(static one => one.Count).OrderDescending().ElementAt(Math.Max(limit - 1, 0));
        return [.. counted.Where(one => one.Count >= least)
            .Select(one => new RankedCount(text(one.Key), one.Count))
            .OrderByDescending(static one => one.Count)
            .ThenBy(static one => one.Name, StringComparer.Ordinal)
            .Take(limit)];
    }

    private record struct Counts(long Series, double UncoveredMs);
}
