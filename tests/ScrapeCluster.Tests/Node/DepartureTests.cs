using Microsoft.Extensions.Logging;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Clustering;

namespace ScrapeCluster.Tests.Node;

public sealed class DepartureTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly Lines _log = new();

    [Fact]
    public async Task AllIsTaken_IsSaidWithoutAWarning()
    {
        await RunAsync(_ => Task.FromResult(new HasLeft(0)));

        Assert.Equal("Left the cluster in order", _log.Last.Text);
        Assert.All(_log.All, line => Assert.Equal(LogLevel.Information, line.Level));
    }

    [Fact]
    public async Task NobodyTookSome_IsAWarningWithTheirNumberAndTheSetting()
    {
        await RunAsync(_ => Task.FromResult(new HasLeft(3)));

        Assert.Equal(LogLevel.Warning, _log.Last.Level);
        Assert.Contains("3 slots", _log.Last.Text, StringComparison.Ordinal);
        Assert.Contains("drain-timeout", _log.Last.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyCouldTakeThem_IsNoTimeout()
    {
        await RunAsync(_ => Task.FromResult(new HasLeft(3, NobodyCould: true)));

        Assert.Equal(LogLevel.Information, _log.Last.Level);
        Assert.Contains("3 slots", _log.Last.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("drain-timeout", _log.Last.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoAnswer_EndsTheWait()
    {
        await RunAsync(_ => Task.FromException<HasLeft>(new AskTimeoutException("cluster")));

        Assert.Equal(LogLevel.Warning, _log.Last.Level);
        Assert.Contains("did not let this node go", _log.Last.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToldToHurry_EndsTheWait_AndSaysWhatIsNotHandedOver()
    {
        using var hurry = new CancellationTokenSource();
        SlotKey[] owned = [.. Enumerable.Range(0, 7).Select(bucket => new SlotKey(new BucketKey("web", bucket), 0))];
        var departure = Departure.RunAsync(async cut => await Forever(cut), () => owned, Deadline, _log, hurry.Token);
        Assert.False(departure.IsCompleted);
        await hurry.CancelAsync();
        await departure;

        Assert.Equal(LogLevel.Warning, _log.Last.Level);
        Assert.Equal("Told again to stop: 7 slots are not handed over (web/0, web/1, web/2, web/3, web/4, ...); others take over as after a crash", _log.Last.Text);
    }

    [Fact]
    public async Task ToldToHurryBefore_DoesNotWaitAtAll()
    {
        await Departure.RunAsync(async cut => await Forever(cut), () => [], Deadline, _log, new CancellationToken(canceled: true));

        Assert.Equal("Told again to stop: 0 slots are not handed over; others take over as after a crash", _log.Last.Text);
    }

    private Task RunAsync(Func<CancellationToken, Task<HasLeft>> leave) => Departure.RunAsync(leave, static () => [], Deadline, _log, TestContext.Current.CancellationToken);

    private static async Task<HasLeft> Forever(CancellationToken cut)
    {
        await Task.Delay(Timeout.Infinite, cut);
        return new HasLeft(0);
    }

    private sealed class Lines : ILogger
    {
        public List<(LogLevel Level, string Text)> All { get; } = [];

        public (LogLevel Level, string Text) Last => All[^1];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add((logLevel, formatter(state, exception)));
    }
}
