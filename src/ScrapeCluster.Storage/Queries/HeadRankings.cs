using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Index;

namespace ScrapeCluster.Storage.Queries;

/// <summary>A name and how often it counts.</summary>
public readonly record struct RankedCount(string Name, long Count);

/// <summary>The largest label names, values and pairs of the head, each list by falling count and then by name; taken from its index, without a look at the series.</summary>
public sealed record HeadRankings(
    IReadOnlyList<RankedCount> SeriesByMetric,
    IReadOnlyList<RankedCount> ValuesByLabel,
    IReadOnlyList<RankedCount> ValueBytesByLabel,
    IReadOnlyList<RankedCount> SeriesByPair)
{
    internal static HeadRankings Of(LabelIndex labels, int limit)
    {
        var metrics = new Ranking(limit);
        var values = new Ranking(limit);
        var bytes = new Ranking(limit);
        var pairs = new Ranking(limit);
        foreach (var name in labels.Names)
        {
            var text = Encoding.UTF8.GetString(name.Name);
            var isMetric = text == Labels.MetricName;
            long valueCount = 0, valueBytes = 0;
            foreach (var (value, pair) in name.Values)
            {
                var seriesCount = pair.Rows.Length;
                if (seriesCount == 0)
                {
                    continue;
                }

                valueCount++;
                valueBytes += value.Length;
                pairs.Add(seriesCount, () => $"{text}={Encoding.UTF8.GetString(value)}");
                if (isMetric)
                {
                    metrics.Add(seriesCount, () => Encoding.UTF8.GetString(value));
                }
            }

            if (valueCount > 0)
            {
                values.Add(valueCount, () => text);
                bytes.Add(valueBytes, () => text);
            }
        }

        return new HeadRankings(metrics.Sorted(), values.Sorted(), bytes.Sorted(), pairs.Sorted());
    }

    /// <summary>Keeps the largest; a text is made only of what gets in.</summary>
    private sealed class Ranking(int limit)
    {
        private readonly SortedSet<RankedCount> _largest = new(Comparer<RankedCount>.Create(static (left, right) =>
        {
            var byCount = right.Count.CompareTo(left.Count);
            return byCount != 0 ? byCount : string.CompareOrdinal(left.Name, right.Name);
        }));

        public void Add(long count, Func<string> name)
        {
            if (_largest.Count == limit && count < _largest.Max.Count)
            {
                return;
            }

            _largest.Add(new RankedCount(name(), count));
            if (_largest.Count > limit)
            {
                _largest.Remove(_largest.Max);
            }
        }

        public IReadOnlyList<RankedCount> Sorted() => [.. _largest];
    }
}
