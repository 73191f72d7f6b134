using ScrapeCluster.SystemTests.Acceptance;
using ScrapeCluster.SystemTests.Durability;
using ScrapeCluster.SystemTests.Faults;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.Receiving;
using ScrapeCluster.SystemTests.Reload;
using ScrapeCluster.SystemTests.Storage;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Collections that take long begin first, so that in the end none runs alone; the others follow in the order in which they come.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Long =
    [
        typeof(StorageKillTests), typeof(ChunksAndCheckpointTests), typeof(RemoteReadTests), typeof(KillAndRestartTests), typeof(BlockOracleTests),
        typeof(RetentionSizeTests), typeof(RetentionTimeTests), typeof(SuiteTests), typeof(OpenMetricsSuiteTests), typeof(StockInTurnTests), typeof(StopTests),
        typeof(BlocksOfANodeTests), typeof(ReceiverTests), typeof(StartFaultTests), typeof(DamagedLogTests), typeof(ReloadTests), typeof(KillLoopTests), typeof(ClockTests),
        typeof(TargetFaultTests), typeof(DiskFullTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection
    {
        return [.. testCollections.OrderBy(PlaceOf)];
    }

    /// <summary>A class without a collection of its own name has one whose name holds the class's.</summary>
    private static int PlaceOf<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var place = Array.FindIndex(Long, type => collection.TestCollectionDisplayName.Contains($" {type.FullName} ", StringComparison.Ordinal));
        return place < 0 ? Long.Length : place;
    }
}
