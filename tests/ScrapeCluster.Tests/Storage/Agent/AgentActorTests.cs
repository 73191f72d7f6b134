using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Agent;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Agent;

public sealed class AgentActorTests : TestKit
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agent-actor-").FullName;
    private readonly SampleBatchPool _pool = new();
    private readonly List<Exception> _fatal = [];

    [Fact]
    public async Task Batches_AreAnsweredAndOldOnesGoEveryTwoHours()
    {
        await RunAsync(WalSyncPolicy.Segment, async (storage, actor) =>
        {
            Assert.Equal([1ul, 2], (await AppendAsync(actor, "a", "b")).NewRefs);
            for (var hour = 0; hour < 3; hour++)
            {
                TestScheduler.Advance(TimeSpan.FromHours(2));
                AwaitCondition(() => !storage.Writer.IsTruncating);
                await AppendAsync(actor, "a");
            }

            TestScheduler.Advance(TimeSpan.FromHours(2));
            AwaitCondition(() => storage.Series.Count == 1 && WalFormat.LastCheckpoint(storage.WalDirectory) is not null);
        });
    }

    [Fact]
    public async Task Batches_UnderBatchPolicy_AreAnsweredWhenFlushed()
    {
        await RunAsync(WalSyncPolicy.Batch, async (storage, actor) =>
        {
            var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => AppendAsync(actor, $"s{i}")));
            Assert.All(results, result => Assert.Null(result.Error));
            Assert.True(storage.WalPublished.Position.Offset > 0);
        });
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_directory, recursive: true);
    }

    private async Task RunAsync(WalSyncPolicy policy, Func<AgentStorage, IActorRef, Task> use)
    {
        var options = new AgentOptions(_directory) { Wal = new WalOptions(Sync: policy) };
        Assert.True(AgentStorage.TryOpen(options, new MetricsRegistry(Time), NullLoggerFactory.Instance, Time, out var storage, out var fault), fault);
        using (storage)
        {
            Assert.Null(storage.Replay(TestContext.Current.CancellationToken));
            var actor = Sys.ActorOf(storage.StorageProps(_pool, _fatal.Add));
            await use(storage, actor);
            Assert.True(await actor.GracefulStop(Patience));
        }

        Assert.Empty(_fatal);
    }

    private async Task<AppendResult> AppendAsync(IActorRef actor, params string[] names)
    {
        var batch = _pool.Rent();
        batch.TimestampMs = Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var name in names)
        {
            batch.AddNew(StorageFixture.Series(name), 1);
        }

        batch.ReportedCount = batch.Count;
        return await actor.Ask<AppendResult>(batch, Patience, TestContext.Current.CancellationToken);
    }
}
