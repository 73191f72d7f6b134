using System.Globalization;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Pages with a running number, as they come out of <c>promtool tsdb dump</c>: which numbers are stored, each with all of its series at one timestamp.</summary>
internal sealed class StoredScrapes
{
    private const string NumberName = "page_number";
    private const string FillerName = "filler";

    /// <summary>Timestamps are whole milliseconds, aligned by up to 2 ms; all processes read one clock.</summary>
    private const int ClockSlackMs = 15;

    /// <summary>How long after the start of its scrape a request that nobody waits for any more may be looked at by the exporter.</summary>
    private const int LateMs = 3000;

    private readonly Dictionary<int, long> _timeOf = [];
    private readonly Dictionary<long, List<double>> _fillersAt = [];
    private readonly SortedSet<long> _failedAt = [];

    /// <summary>The page that <see cref="Of"/> looks for.</summary>
    public static string PageOf(int number, int fillers)
    {
        return $"{NumberName} {number}\n" + string.Concat(Enumerable.Range(0, fillers).Select(i => string.Create(CultureInfo.InvariantCulture, $"{FillerName}{{i=\"{i}\"}} {FillerValue(number, i)}\n")));
    }

    /// <param name="label">As the dump writes it: <c>path="a"</c>.</param>
    public static StoredScrapes Of(IEnumerable<string> dump, string label)
    {
        var stored = new StoredScrapes();
        foreach (var line in dump.Where(line => line.Contains(label, StringComparison.Ordinal)))
        {
            stored.Add(line);
        }

        return stored;
    }

    public IReadOnlyCollection<int> Numbers => _timeOf.Keys;

    /// <summary>When the page was stored, by its sample's timestamp; null when it is not there.</summary>
    public long? TimeOf(int number) => _timeOf.TryGetValue(number, out var time) ? time : null;

    /// <summary>All series of the page are there, with its values.</summary>
    public bool IsWhole(int number, int fillers)
    {
        return TimeOf(number) is { } time
            && _fillersAt.GetValueOrDefault(time, []).Order().SequenceEqual(Enumerable.Range(0, fillers).Select(i => FillerValue(number, i)));
    }

    /// <summary>
    /// Every acknowledged page is stored, as a whole and with the time at which its scrape began. On a machine under load a scrape may run out of its
    /// timeout; then it says so (<c>up 0</c>), and each that failed stands for one page. Answers how many are stored.
    /// </summary>
    public int AssertHasAll(IReadOnlyList<Served> acknowledged, int fillers)
    {
        var failedAt = new SortedSet<long>(_failedAt);
        var count = 0;
        Served? before = null;
        foreach (var page in acknowledged)
        {
            if (TimeOf(page.Number) is { } time)
            {
                // The scrape of the page before had its answer when this one began.
                var earliest = before is not null && before.Number == page.Number - 1 && TimeOf(before.Number) is not null ? before.RequestedAtMs : page.RequestedAtMs - 10_000;
                Assert.InRange(time, earliest - ClockSlackMs, page.RequestedAtMs + ClockSlackMs);
                Assert.True(IsWhole(page.Number, fillers), $"page {page.Number}{page.Query} is not stored as a whole");
                count++;
            }
            else
            {
                var failed = failedAt.GetViewBetween(page.RequestedAtMs - LateMs, page.RequestedAtMs + ClockSlackMs);
                Assert.True(failed.Count > 0, $"page {page.Number}{page.Query} was acknowledged and is not stored");
                failedAt.Remove(failed.Min);
            }

            before = page;
        }

        return count;
    }

    private static double FillerValue(int number, int index) => (number * 1000) + index + 0.25;

    private void Add(string line)
    {
        var parts = line[(line.LastIndexOf('}') + 2)..].Split(' ');
        if (parts[0] == "NaN")
        {
            return;
        }

        var value = double.Parse(parts[0], CultureInfo.InvariantCulture);
        var time = long.Parse(parts[1], CultureInfo.InvariantCulture);
        if (line.StartsWith($"{{__name__=\"{NumberName}\"", StringComparison.Ordinal))
        {
            _timeOf[(int)value] = time;
        }
        else if (line.StartsWith($"{{__name__=\"{FillerName}\"", StringComparison.Ordinal))
        {
            (_fillersAt.TryGetValue(time, out var list) ? list : _fillersAt[time] = []).Add(value);
        }
        else if (line.StartsWith("{__name__=\"up\"", StringComparison.Ordinal) && value == 0)
        {
            _failedAt.Add(time);
        }
    }
}
