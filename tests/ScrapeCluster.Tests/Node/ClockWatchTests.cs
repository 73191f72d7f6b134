using Microsoft.Extensions.Logging;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Node;

public class ClockWatchTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MetricsRegistry _metrics = new();
    private readonly List<string> _lines = [];

    [Theory]
    [InlineData(-3600, "set back by 01:00:00")]
    [InlineData(3600, "set forward by 01:00:00")]
    [InlineData(-1, "set back by 00:00:01")]
    public void Step_IsSaidOnceAndCounted(int seconds, string said)
    {
        using var watch = Watch();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(_lines);

        _time.StepWallClock(TimeSpan.FromSeconds(seconds));
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Contains(said, Assert.Single(_lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Slew_IsNoStep()
    {
        using var watch = Watch();
        for (var i = 0; i < 100; i++)
        {
            _time.StepWallClock(TimeSpan.FromMilliseconds(-50));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Empty(_lines);
    }

    private ClockWatch Watch()
    {
        var loggers = LoggerFactory.Create(logging => logging.AddProvider(new Lines(_lines)));
        return new ClockWatch(_metrics, _time, loggers.CreateLogger<ClockWatch>());
    }

    private sealed class Lines(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
