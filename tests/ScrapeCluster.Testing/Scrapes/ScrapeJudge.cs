namespace ScrapeCluster.Testing.Scrapes;

/// <summary>What the record of many targets says of a span in which something happened.</summary>
public sealed class ScrapeJudge(IReadOnlyList<TargetRecord> targets, TimeSpan interval)
{
    /// <summary>Ticks of each target between two instants, by the phase that it had before the first.</summary>
    public IReadOnlyDictionary<string, TickVerdict> Ticks(TimeSpan from, TimeSpan until)
    {
        return targets.ToDictionary(target => target.Name,
            target => TickVerdict.Of(target.All(), PhaseEstimate.Of(target.LastBefore(from), interval), interval, from, until), StringComparer.Ordinal);
    }

    /// <summary>The largest difference of a target's phase in the 20 scrapes before and the 20 after.</summary>
    public TimeSpan LargestShift(TimeSpan before, TimeSpan after)
    {
        return targets.Max(target => PhaseEstimate.Shift(
            PhaseEstimate.Of(target.LastBefore(before), interval), PhaseEstimate.Of(target.FirstAfter(after), interval), interval).Duration());
    }

    /// <summary>Who asked each target last before an instant; targets that nobody asked are left out.</summary>
    public IReadOnlyDictionary<string, string> Owners(TimeSpan at)
    {
        return targets.Select(target => (target.Name, Last: target.All().LastOrDefault(arrival => arrival.At < at)))
            .Where(pair => pair.Last.From is not null)
            .ToDictionary(pair => pair.Name, pair => pair.Last.From, StringComparer.Ordinal);
    }

    /// <summary>Samples per second of each scraper, by who asked last before an instant.</summary>
    public IReadOnlyDictionary<string, double> Loads(TimeSpan at)
    {
        var owners = Owners(at);
        return targets.Where(target => owners.ContainsKey(target.Name))
            .GroupBy(target => owners[target.Name], StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(target => target.Samples) / interval.TotalSeconds, StringComparer.Ordinal);
    }

    /// <summary>Samples per second that changed hands between two instants; a target that goes and comes back counts twice.</summary>
    public double Moved(TimeSpan from, TimeSpan until)
    {
        return targets.Sum(target => Changes(target, from, until) * target.Samples) / interval.TotalSeconds;
    }

    /// <summary>From an instant to the first request by somebody else than <paramref name="gone"/>, of each target that one of those had; null: none came.</summary>
    public IReadOnlyDictionary<string, TimeSpan?> TakenOver(TimeSpan since, IReadOnlySet<string> gone)
    {
        var owners = Owners(since);
        return targets.Where(target => owners.TryGetValue(target.Name, out var owner) && gone.Contains(owner)).ToDictionary(
            target => target.Name,
            target => target.All().Where(arrival => arrival.At >= since && !gone.Contains(arrival.From)).Select(arrival => (TimeSpan?)(arrival.At - since)).FirstOrDefault(),
            StringComparer.Ordinal);
    }

    /// <summary>The longest time without a request, of each target, within a span and up to its ends.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Gaps(TimeSpan from, TimeSpan until)
    {
        return targets.ToDictionary(target => target.Name, target =>
        {
            var instants = target.Between(from, until).Select(arrival => arrival.At).Prepend(from).Append(until).ToList();
            return instants.Zip(instants.Skip(1), (earlier, later) => later - earlier).Max();
        }, StringComparer.Ordinal);
    }

    /// <summary>A target has changed hands once its old owner asks no more: while it is handed over both may ask at one tick, in any order.</summary>
    private int Changes(TargetRecord target, TimeSpan from, TimeSpan until)
    {
        var owner = target.All().LastOrDefault(arrival => arrival.At < from).From;
        var changes = 0;
        foreach (var tick in ByTick(target.Between(from, until)))
        {
            if (!tick.Exists(arrival => arrival.From == owner))
            {
                changes += owner is null ? 0 : 1;
                owner = tick[^1].From;
            }
        }

        return changes;
    }

    /// <summary>What lies closer together than half an interval belongs to one tick.</summary>
    private IEnumerable<List<Arrival>> ByTick(IReadOnlyList<Arrival> arrivals)
    {
        var tick = new List<Arrival>();
        foreach (var arrival in arrivals)
        {
            if (tick.Count > 0 && arrival.At - tick[0].At > interval / 2)
            {
                yield return tick;
                tick = [];
            }

            tick.Add(arrival);
        }

        if (tick.Count > 0)
        {
            yield return tick;
        }
    }
}
