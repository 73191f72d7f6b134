using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Differential;

/// <summary>
/// What one scraper made of one job's pages, in a form that two scrapers with different phases can be compared by: which series
/// had which bits in which scrape. A sample belongs to the scrape whose request is nearest to its timestamp.
/// </summary>
internal static class ScrapeRecord
{
    /// <summary>A timestamp may lie this far from the moment at which the request came in: the way there, and alignment.</summary>
    private const int ToleranceMs = 250;

    private static readonly string[] MeasuredSeries = ["scrape_duration_seconds"];

    public static SortedSet<string> Of(IEnumerable<WrittenSample> samples, IReadOnlyList<Served> served, string job, int rounds)
    {
        var record = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var sample in samples)
        {
            if (!IsOf(sample, job))
            {
                continue;
            }

            var round = Enumerable.Range(0, served.Count).MinBy(n => Math.Abs(served[n].RequestedAtMs - sample.TimestampMs));
            if (round >= rounds)
            {
                continue;
            }

            var offsetMs = sample.TimestampMs - served[round].RequestedAtMs;
            var offset = Math.Abs(offsetMs) <= ToleranceMs ? "" : $" {Math.Round(offsetMs / 1000.0)} s off";
            var bits = MeasuredSeries.Contains(sample.Name) && !sample.IsStale ? "present" : sample.Bits.ToString("x16", null);
            record.Add($"scrape {round}{offset}: {sample.Series} {bits}");
        }

        return record;
    }

    /// <summary>A page may claim another job: the pool label tells whose it is.</summary>
    private static bool IsOf(WrittenSample sample, string job) => sample.Labels.GetValueOrDefault("pool") == job;
}
