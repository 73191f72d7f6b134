using System.Globalization;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Differential;

/// <summary>
/// What one scraper made of one job's pages, in a form that two scrapers with different phases can be compared by: which series had which bits in
/// which scrape. A sample with a timestamp that a page gave belongs to that page, any other to the first request at or after it.
/// </summary>
internal sealed class ScrapeRecord
{
    /// <summary>Timestamps are whole milliseconds, aligned by up to 2 ms; both processes read one clock.</summary>
    private const int ClockSlackMs = 15;

    /// <summary>Between the moment that stamps a scrape and the start of its request a loaded machine may do something else.</summary>
    private const int StartSlackMs = 250;

    private const string Duration = "scrape_duration_seconds";

    private readonly IReadOnlyList<Served> _served;
    private readonly Dictionary<int, double> _seconds = [];
    private readonly List<(int Round, string Line)> _lines = [];

    /// <param name="samples">All samples of the scraper; the pool label tells whose they are, since a page may claim another job.</param>
    public ScrapeRecord(IEnumerable<WrittenSample> samples, IReadOnlyList<Served> served, string job)
    {
        _served = served;
        var own = samples.Where(sample => sample.Labels.GetValueOrDefault("pool") == job).ToList();
        foreach (var sample in own.Where(sample => sample.Name == Duration && !sample.IsStale))
        {
            _seconds[RoundOf(sample.TimestampMs)] = BitConverter.UInt64BitsToDouble(sample.Bits);
        }

        foreach (var sample in own)
        {
            Add(sample);
        }
    }

    /// <summary>
    /// Rounds that are no verdict: the scrape ran into its timeout although the page was not slow, which is the machine's load, and the round after
    /// it, in which everything starts again.
    /// </summary>
    public IEnumerable<int> Overloaded(TimeSpan timeout)
    {
        var cut = _seconds.Where(round => round.Value >= timeout.TotalSeconds && (round.Key >= _served.Count || !_served[round.Key].IsSlow)).Select(round => round.Key);
        return cut.SelectMany(round => (int[])[round, round + 1]);
    }

    public SortedSet<string> Lines(IReadOnlySet<int> rounds)
    {
        return new SortedSet<string>(_lines.Where(line => rounds.Contains(line.Round)).Select(line => $"scrape {line.Round}: {line.Line}"), StringComparer.Ordinal);
    }

    private void Add(WrittenSample sample)
    {
        var round = ExplicitRoundOf(sample);
        var place = round >= 0 ? " at the page's time" : "";
        if (round < 0)
        {
            round = RoundOf(sample.TimestampMs);
            place = IsStartOf(round, sample.TimestampMs) ? "" : " at a strange time";
        }

        var bits = sample.Name == Duration && !sample.IsStale ? "present" : sample.Bits.ToString("x16", CultureInfo.InvariantCulture);
        _lines.Add((round, $"{sample.Series} {bits}{place}"));
    }

    /// <summary>The series is part of it: under load a scrape may begin at just the millisecond that a page gives to another series.</summary>
    private int ExplicitRoundOf(WrittenSample sample)
    {
        var milliseconds = $" {sample.TimestampMs}";
        var seconds = $" {sample.TimestampMs / 1000}.{sample.TimestampMs % 1000:000}";
        for (var round = 0; round < _served.Count; round++)
        {
            if (_served[round].Body.Split('\n').Any(line => line.StartsWith(sample.Name, StringComparison.Ordinal)
                && (line.EndsWith(milliseconds, StringComparison.Ordinal) || line.EndsWith(seconds, StringComparison.Ordinal))))
            {
                return round;
            }
        }

        return -1;
    }

    private int RoundOf(long timestampMs)
    {
        var round = 0;
        while (round < _served.Count && _served[round].RequestedAtMs < timestampMs - ClockSlackMs)
        {
            round++;
        }

        return round;
    }

    /// <summary>A scrape starts before its request comes in, by no more than it took.</summary>
    private bool IsStartOf(int round, long timestampMs)
    {
        return round >= _served.Count || _served[round].RequestedAtMs - timestampMs <= (_seconds.GetValueOrDefault(round) * 1000) + StartSlackMs;
    }
}
