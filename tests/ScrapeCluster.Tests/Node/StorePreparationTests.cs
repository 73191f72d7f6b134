using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Node;

public sealed class StorePreparationTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly List<DateTimeOffset> _asked = [];
    private readonly StorePreparation _preparation;
    private Func<CancellationToken, Task> _prepare = static _ => Task.CompletedTask;

    public StorePreparationTests()
    {
        _preparation = new StorePreparation(Ask, _time, NullLogger.Instance);

        Task Ask(CancellationToken cancellation)
        {
            _asked.Add(_time.GetUtcNow());
            return _prepare(cancellation);
        }
    }

    public void Dispose() => _ended.Dispose();

    [Fact]
    public async Task StoreThatAnswers_IsAskedOnce()
    {
        var answer = new TaskCompletionSource();
        _prepare = _ => answer.Task;
        var run = _preparation.RunAsync(_ended.Token);
        Assert.False(_preparation.FirstTried.IsCompleted);

        answer.SetResult();

        await _preparation.FirstTried;
        await run;
        Assert.Single(_asked);
    }

    [Fact]
    public async Task SilentStore_LetsTheNodeStart_AndIsAskedAtGrowingPauses()
    {
        _prepare = static _ => Task.FromException(new StoreUnavailableException("nobody listens"));
        var start = _time.GetUtcNow();
        var run = _preparation.RunAsync(_ended.Token);
        await _preparation.FirstTried;
        Assert.False(run.IsCompleted);

        foreach (var pause in (double[])[0.5, 1, 2, 4, 5, 5])
        {
            _time.Advance(TimeSpan.FromSeconds(pause));
        }

        Assert.Equal([0, 0.5, 1.5, 3.5, 7.5, 12.5, 17.5], _asked.Select(at => (at - start).TotalSeconds));
        _prepare = static _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(5));
        await run;
    }

    [Fact]
    public async Task End_WhileTheStoreIsAsked_IsSilent()
    {
        _prepare = static cancellation => Task.Delay(Timeout.Infinite, cancellation);
        var run = _preparation.RunAsync(_ended.Token);

        await _ended.CancelAsync();

        await run;
        Assert.True(_preparation.FirstTried.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task End_BetweenTwoQuestions_AsksNoMore()
    {
        _prepare = static cancellation => cancellation.IsCancellationRequested
            ? Task.FromCanceled(cancellation)
            : Task.FromException(new StoreUnavailableException("nobody listens"));
        var run = _preparation.RunAsync(_ended.Token);

        await _ended.CancelAsync();

        await run;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.InRange(_asked.Count, 1, 2);
    }
}
