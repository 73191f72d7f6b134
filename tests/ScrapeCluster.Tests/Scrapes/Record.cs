using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.Tests.Scrapes;

/// <summary>Arrivals for the tests of the judges; intervals are one second.</summary>
internal static class Record
{
    public static List<Arrival> At(params double[] seconds) => By("a", seconds);

    public static List<Arrival> By(string scraper, params double[] seconds) => [.. seconds.Select(at => new Arrival(TimeSpan.FromSeconds(at), scraper))];

    /// <summary>One in each of the seconds from the first to before the last.</summary>
    public static List<Arrival> Regular(int phaseMs, int first, int end, string scraper = "a")
    {
        return [.. Enumerable.Range(first, end - first).Select(second => new Arrival(TimeSpan.FromMilliseconds((second * 1000) + phaseMs), scraper))];
    }

    public static TargetRecord Target(string name, int series, params IEnumerable<Arrival>[] arrivals)
    {
        var target = new TargetRecord(name, series);
        foreach (var arrival in arrivals.SelectMany(list => list).OrderBy(arrival => arrival.At))
        {
            target.Add(arrival);
        }

        return target;
    }
}
