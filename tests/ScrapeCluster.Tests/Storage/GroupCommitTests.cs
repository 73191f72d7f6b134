using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Storage.Wal;

namespace ScrapeCluster.Tests.Storage;

/// <summary>fsync = batch, seen from those who send batches.</summary>
public sealed class GroupCommitTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("group-commit-").FullName;
    private readonly SampleBatchPool _pool = new();
    private readonly FaultyWalFiles _disk = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task SampleBatches_ThatComeDuringAFlush_ShareTheNextOne()
    {
        await RunAsync(async actor =>
        {
            _disk.FlushGate.Reset();
            var first = SendAsync(actor, 1);
            Assert.True(_disk.FlushBegan.Wait(Patience, TestContext.Current.CancellationToken));
            var others = Enumerable.Range(2, 20).Select(round => SendAsync(actor, round)).ToList();
            Assert.False(first.IsCompleted);
            var before = _disk.Flushes;
            _disk.FlushGate.Set();

            Assert.All(await Task.WhenAll([first, .. others]), result => Assert.Null(result.Error));
            Assert.Equal(2, _disk.Flushes - before);
        });
    }

    [Fact]
    public async Task SampleBatch_FlushFails_IsNotAcknowledged()
    {
        await RunAsync(async actor =>
        {
            _disk.FailFlush = true;
            var failed = await SendAsync(actor, 1);
            Assert.Contains("fsync = batch", failed.Error);
            Assert.Equal(1, failed.Round);
            _disk.FailFlush = false;
        });
    }

    [Fact]
    public async Task Stop_BatchNotFlushedYet_IsAnsweredOnceItIs()
    {
        await RunAsync(async actor =>
        {
            _disk.FlushGate.Reset();
            var first = SendAsync(actor, 1);
            Assert.True(_disk.FlushBegan.Wait(Patience, TestContext.Current.CancellationToken));
            var second = SendAsync(actor, 2);
            var stopped = actor.GracefulStop(Patience);
            _disk.FlushGate.Set();
            Assert.Null((await first).Error);
            Assert.Null((await second).Error);
            Assert.True(await stopped);
        });
    }

    private async Task RunAsync(Func<IActorRef, Task> use)
    {
        using var system = ActorSystem.Create("group-commit");
        var options = new StorageOptions(_directory) { Wal = new WalOptions(Sync: WalSyncPolicy.Batch) };
        Assert.True(LocalStorage.TryOpen(options, new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out var storage, out var fault), fault);
        using (storage)
        {
            Assert.Null(storage.ReplayWith(_disk, TestContext.Current.CancellationToken));
            _disk.FlushBegan.Reset();
            await use(system.ActorOf(storage.StorageProps(_pool, _ => { })));
            await system.Terminate();
        }
    }

    private Task<AppendResult> SendAsync(IActorRef actor, int round)
    {
        var batch = _pool.Rent();
        batch.Round = round;
        batch.TimestampMs = round;
        batch.AddNew(StorageFixture.Series($"s{round}"), round);
        batch.ReportedCount = batch.Count;
        return actor.Ask<AppendResult>(batch, Patience, TestContext.Current.CancellationToken);
    }
}
