using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Testing;

namespace ScrapeCluster.IntegrationTests.Config;

public sealed class InProcessConfigTests : ClusterConfigTests
{
    protected override ICoordinationStore Store { get; } = new InProcessStore(new ManualTimeProvider());
}
