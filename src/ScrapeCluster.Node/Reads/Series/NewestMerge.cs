using ScrapeCluster.Model;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// One sample a series out of the newest ones of several nodes, or none.
/// <list type="number">
/// <item>Of one slot of a series the newest sample of all nodes, markers included, is what the slot says: an old owner's last sample does not bring back what the
/// new owner ended.</item>
/// <item>A slot is current when what it says is at most 1.5 intervals behind the newest word of any slot of the series: one that is further behind has a hole.</item>
/// <item>The lowest current slot that did not end the series gives the sample. None: the series has ended.</item>
/// </list>
/// </summary>
/// <remarks>Pure. The lookback is applied by then, to the same instant on every node.</remarks>
internal static class NewestMerge
{
    private const double HoleAfterIntervals = 1.5;

    /// <param name="unknownSpacing">Interval of series that have one sample only.</param>
    public static IEnumerable<LatestSample> Merge(IEnumerable<NewestSample> samples, ReplicaLabel replica, TimeSpan unknownSpacing)
    {
        var slots = new Dictionary<Labels, NewestSample>();
        foreach (var sample in samples)
        {
            if (!slots.TryGetValue(sample.Labels, out var known))
            {
                slots[sample.Labels] = sample;
            }
            else
            {
                var newer = sample.IsNewerThan(known) ? sample : known;
                slots[sample.Labels] = newer with { SpacingMs = Spacing([sample.SpacingMs, known.SpacingMs], 0) };
            }
        }

        var series = replica.IsNone
            ? slots.Values.Where(sample => !sample.IsMarker)
            : slots.Values.GroupBy(sample => replica.Without(sample.Labels)).SelectMany(slots => OneOf(slots.Key, [.. slots], replica, unknownSpacing));
        return series.Select(sample => new LatestSample(sample.Labels, sample.TimestampMs, sample.Value));
    }

    private static IEnumerable<NewestSample> OneOf(Labels labels, List<NewestSample> slots, ReplicaLabel replica, TimeSpan unknownSpacing)
    {
        var interval = Spacing(slots.Select(slot => slot.SpacingMs), (long)unknownSpacing.TotalMilliseconds);
        var oldestMs = slots.Max(slot => slot.TimestampMs) - (long)(HoleAfterIntervals * interval);
        return slots
            .Where(slot => !slot.IsMarker && slot.TimestampMs >= oldestMs)
            .OrderBy(slot => replica.ValueOf(slot.Labels), Comparer<string>.Create(ReplicaLabel.Compare))
            .Take(1)
            .Select(slot => slot with { Labels = labels });
    }

    /// <summary>The smallest that is known: a missed scrape makes a spacing larger, nothing makes it smaller.</summary>
    private static long Spacing(IEnumerable<long> spacings, long unknown) => spacings.Where(spacing => spacing > 0).DefaultIfEmpty(unknown).Min();
}
