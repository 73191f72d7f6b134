using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Node.Hosting;

/// <summary>
/// Notices that the wall clock was set, by comparing it with the monotonic one. Nothing is mended here: scraping follows the clock, and the storage refuses
/// what is older than it holds; but whoever wonders why samples are refused shall find the reason.
/// </summary>
internal sealed partial class ClockWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Clock discipline slews by far less than this in an interval.
    private static readonly TimeSpan SmallestStep = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time;
    private readonly ILogger<ClockWatch> _logger;
    private readonly Counter _steps;
    private readonly ITimer _timer;
    private DateTimeOffset _lastWall;
    private long _lastStamp;

    public ClockWatch(MetricsRegistry metrics, TimeProvider time, ILogger<ClockWatch> logger)
    {
        _time = time;
        _logger = logger;
        _steps = metrics.Counter("scrapecluster_clock_steps_total", "Times that the wall clock was set while the process ran.");
        (_lastWall, _lastStamp) = (time.GetUtcNow(), time.GetTimestamp());
        _timer = time.CreateTimer(static watch => ((ClockWatch)watch!).Look(), this, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var (wall, stamp) = (_time.GetUtcNow(), _time.GetTimestamp());
        var step = wall - _lastWall - _time.GetElapsedTime(_lastStamp, stamp);
        (_lastWall, _lastStamp) = (wall, stamp);
        if (step.Duration() < SmallestStep)
        {
            return;
        }

        _steps.Inc();
        if (step < TimeSpan.Zero)
        {
            LogSetBack(-step, wall);
        }
        else
        {
            LogSetForward(step, wall);
        }
    }

    [LoggerMessage(LogIds.ClockSetBack, LogLevel.Warning, "The wall clock was set back by {Step} to {Now:O}: samples are refused as out of order until it has passed the newest stored ones")]
    private partial void LogSetBack(TimeSpan step, DateTimeOffset now);

    [LoggerMessage(LogIds.ClockSetForward, LogLevel.Warning, "The wall clock was set forward by {Step} to {Now:O}: samples have a gap of that length")]
    private partial void LogSetForward(TimeSpan step, DateTimeOffset now);
}
