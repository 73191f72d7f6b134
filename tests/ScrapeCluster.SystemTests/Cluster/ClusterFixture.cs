using ScrapeCluster.SystemTests.Cluster.Rig;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>One cluster of five for all fault tests, which each find whole and leave as it is.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Trait("Runs", "cluster")]
public sealed class ClusterFixture : ICollectionFixture<ClusterFixture>, IAsyncLifetime
{
    public const string Name = "faults of a cluster";
    public const string NodeWithSmallDisk = "n5";
    private TestCluster? _cluster;

    public async ValueTask InitializeAsync()
    {
        if (TestCluster.Missing() is null)
        {
            _cluster = await TestCluster.StartAsync(new ClusterShape { NodeWithSmallDisk = NodeWithSmallDisk });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>A scenario that finds the cluster whole and settled; skips the test where there can be no such cluster.</summary>
    internal Task JudgeAsync(Func<TestCluster, Task> scenario)
    {
        Assert.SkipWhen(_cluster is null, TestCluster.Missing() ?? "");
        return Machine.JudgeAsync(async () =>
        {
            await _cluster!.BeWholeAsync();
            await scenario(_cluster);
        });
    }
}
