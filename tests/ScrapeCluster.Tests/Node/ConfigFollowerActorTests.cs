using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Node;

public sealed class ConfigFollowerActorTests : TestKit
{
    private readonly List<long> _followed = [];
    private readonly IActorRef _follower;
    private TaskCompletionSource _applied = new();

    public ConfigFollowerActorTests()
    {
        _follower = Sys.ActorOf(ConfigFollowerActor.Props(version =>
        {
            _followed.Add(version);
            return _applied.Task;
        }));
        Barrier(_follower);
    }

    [Fact]
    public void Views_WhileAVersionIsApplied_CountAsOne_AndTheLastOfThem()
    {
        See(1, 2, 3);
        Assert.Equal([1], _followed);

        Applied();
        AwaitCondition(() => _followed.Count == 2);
        Applied();
        Barrier(_follower);

        Assert.Equal([1, 3], _followed);
    }

    [Fact]
    public void View_OfTheSameVersion_IsToldToo()
    {
        _applied.SetResult();

        See(1);
        AwaitIdle();
        See(1);
        AwaitIdle();

        // Whether there is anything to do is known to who applies it: files of this node may have changed.
        Assert.Equal([1, 1], _followed);
    }

    private void See(params long[] versions)
    {
        foreach (var version in versions)
        {
            Sys.EventStream.Publish(new ClusterNews.Viewed(new ClusterView(
                new LeaseView("", 0, true), [], 0, [], new Dictionary<BucketRef, long>(), [], version, Time.GetUtcNow())));
        }

        Barrier(_follower);
    }

    private void Applied()
    {
        var applied = _applied;
        _applied = new TaskCompletionSource();
        applied.SetResult();
    }

    /// <summary>The actor has its own word that a version is applied.</summary>
    private void AwaitIdle()
    {
        Barrier(_follower);
        Barrier(_follower);
    }
}
