using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Testing;

namespace ScrapeCluster.IntegrationTests.Store;

public sealed class InProcessStoreTests : CoordinationStoreTests
{
    private readonly ManualTimeProvider _time = new();

    public InProcessStoreTests() => Store = new InProcessStore(_time);

    protected override ICoordinationStore Store { get; }

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}
