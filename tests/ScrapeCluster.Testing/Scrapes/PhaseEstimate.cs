namespace ScrapeCluster.Testing.Scrapes;

/// <summary>At which instant of its interval a target is scraped, as the record tells it: a circular median, which a few late requests do not move.</summary>
public static class PhaseEstimate
{
    /// <summary>Scrapes of which the median is taken.</summary>
    public const int Scrapes = 20;

    /// <summary>From 0 to below the interval.</summary>
    public static TimeSpan Of(IReadOnlyList<Arrival> arrivals, TimeSpan interval)
    {
        if (arrivals.Count == 0)
        {
            throw new ArgumentException("nothing arrived: there is no phase", nameof(arrivals));
        }

        // The mean direction is only where the circle is cut open for the median.
        var angles = arrivals.Select(arrival => arrival.At.Ticks % interval.Ticks * Math.Tau / interval.Ticks).ToList();
        var mean = Math.Atan2(angles.Sum(Math.Sin), angles.Sum(Math.Cos)) / Math.Tau * interval.Ticks;
        var deviations = arrivals.Select(arrival => Fold(arrival.At.Ticks - (long)mean, interval.Ticks)).Order().ToList();
        var middle = deviations.Count / 2;
        var median = deviations.Count % 2 == 1 ? deviations[middle] : (deviations[middle - 1] + deviations[middle]) / 2;
        return TimeSpan.FromTicks(Modulo((long)mean + median, interval.Ticks));
    }

    /// <summary>From one phase to another by the shorter way: at most half an interval, negative when the second is earlier.</summary>
    public static TimeSpan Shift(TimeSpan before, TimeSpan after, TimeSpan interval) => TimeSpan.FromTicks(Fold((after - before).Ticks, interval.Ticks));

    private static long Fold(long ticks, long interval)
    {
        var rest = Modulo(ticks, interval);
        return rest * 2 > interval ? rest - interval : rest;
    }

    private static long Modulo(long ticks, long interval) => ((ticks % interval) + interval) % interval;
}
