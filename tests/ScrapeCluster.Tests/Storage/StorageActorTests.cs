using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;

namespace ScrapeCluster.Tests.Storage;

public sealed class StorageActorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("storage-actor-").FullName;
    private readonly SampleBatchPool _pool = new();
    private readonly List<Exception> _fatal = [];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task SampleBatch_IsAnsweredStoredAndReturned()
    {
        using var system = ActorSystem.Create("storage-test");
        using (var storage = Open())
        {
            var actor = system.ActorOf(storage.StorageProps(_pool, _fatal.Add), "storage");
            var batch = _pool.Rent();
            batch.Round = 5;
            batch.TimestampMs = 1000;
            batch.AddNew(StorageFixture.Series("a"), 1);
            var result = await actor.Ask<AppendResult>(batch, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            Assert.Equal((5, null), (result.Round, result.Error));
            Assert.Equal([1ul], result.NewRefs);
            Assert.Equal(0, batch.Count);
            Assert.Single(storage.Query.Select(StorageFixture.Matchers("a")));
            await system.Terminate();
        }

        using var again = Open();
        Assert.Single(again.Query.Select(StorageFixture.Matchers("a")));
        Assert.Equal(0, again.Corruptions);
        Assert.Empty(_fatal);
    }

    [Fact]
    public async Task UnexpectedException_CallsFatalAndEndsTheActor()
    {
        using var system = ActorSystem.Create("storage-test");
        using var storage = Open();
        var actor = system.ActorOf(storage.StorageProps(_pool, _fatal.Add), "storage");
        var batch = _pool.Rent();
        batch.AddNew(null!, 1);
        actor.Tell(batch);
        Assert.True(await actor.GracefulStop(TimeSpan.FromSeconds(60)));
        Assert.Single(_fatal);
        await system.Terminate();
    }

    private LocalStorage Open()
    {
        Assert.True(
            LocalStorage.TryOpen(
                new StorageOptions(_directory), new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out var storage, out _));
        Assert.Null(storage.Replay(TestContext.Current.CancellationToken));
        return storage;
    }
}
