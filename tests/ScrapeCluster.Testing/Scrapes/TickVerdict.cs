namespace ScrapeCluster.Testing.Scrapes;

/// <summary>A tick that did not get exactly one request.</summary>
/// <param name="Requests">0: missed. Two or more: doubled.</param>
public readonly record struct OddTick(TimeSpan Due, int Requests);

/// <summary>
/// How a target's ticks were kept in a span of time. A tick is missed when no request came within half an interval of it, doubled when more than one did.
/// </summary>
public sealed record TickVerdict(int Ticks, IReadOnlyList<OddTick> Missed, IReadOnlyList<OddTick> Doubled)
{
    /// <param name="phase">When ticks are due, modulo the interval.</param>
    /// <param name="from">First instant at which a judged tick may be due.</param>
    /// <param name="until">Ticks due from here on are not judged; at least half an interval must have passed since.</param>
    public static TickVerdict Of(IReadOnlyList<Arrival> arrivals, TimeSpan phase, TimeSpan interval, TimeSpan from, TimeSpan until)
    {
        var first = (long)Math.Ceiling((from - phase) / interval);
        var end = (long)Math.Ceiling((until - phase) / interval);
        var requests = new int[Math.Max(0, end - first)];
        foreach (var arrival in arrivals)
        {
            var tick = (long)Math.Floor(((arrival.At - phase) / interval) + 0.5) - first;
            if (tick >= 0 && tick < requests.Length)
            {
                requests[tick]++;
            }
        }

        var ticks = requests.Select((count, i) => new OddTick(phase + ((first + i) * interval), count)).ToList();
        return new TickVerdict(ticks.Count, [.. ticks.Where(tick => tick.Requests == 0)], [.. ticks.Where(tick => tick.Requests > 1)]);
    }
}
