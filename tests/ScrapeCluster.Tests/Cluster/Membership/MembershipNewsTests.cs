using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>What a node tells its actors, and in which order.</summary>
public sealed class MembershipNewsTests : MemberCluster
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FirstNode_JoinsReadsAndLeads()
    {
        var node = Start("a");
        var joined = node.ExpectMsg<ClusterNews.Joined>();
        var leads = node.Expect<ClusterNews.Leads>();
        await CommitAsync(leads.Epoch, Row("job", "a"));
        PassSeconds(1);
        var viewed = node.Expect<ClusterNews.Viewed>(news => news.View.Changed.Count > 0);

        Assert.Equal(1, leads.Epoch);
        Assert.Equal((joined.Incarnation, "a"), (node.Picture.Incarnation, Assert.Single(viewed.View.Changed).Owner));
        Assert.Equal(leads.Epoch, node.Context.Leadership.EpochNow);
        Assert.Equal((1L, 1), (node.Picture.AssignmentVersion, node.Picture.Assignments.Count));
    }

    [Fact]
    public async Task DeclaredDown_IsExpelledBeforeItJoinsAgain()
    {
        var leader = StartLeader();
        var node = Start("b");
        var first = node.ExpectMsg<ClusterNews.Joined>();
        await CommitAsync(1, Row("job", "b"));
        PassSeconds(1);
        node.Expect<ClusterNews.Viewed>(news => news.View.Changed.Count > 0);
        await Store.OrderAsync(new OperatorOrder(OrderKind.Down, "b"), Token);
        node.Drain();
        PassSeconds(1);

        // What the roster says of it comes apart from its own heartbeat's answer.
        Assert.Equal([new ClusterNews.Expelled(first.Incarnation)], node.Drain().Where(static news => news is not ClusterNews.MemberGone));

        PassSeconds(1);
        var second = node.Expect<ClusterNews.Joined>();
        Assert.True(second.Incarnation > first.Incarnation);
        Assert.Single(node.Expect<ClusterNews.Viewed>().View.Changed);
        Assert.Equal("b", leader.Expect<ClusterNews.MemberGone>().Node);
    }

    [Fact]
    public void NameOfALivingNode_IsRefusedAndShown_AndTriedAgain()
    {
        Start("a").ExpectMsg<ClusterNews.Joined>();
        var other = Start("a", terms => terms with { DataId = "other" });
        AwaitRefusal(other);
        PassSeconds(2);

        Assert.Contains("cluster.node-name", other.Picture.Refusal);
        Assert.Empty(other.Drain());
    }

    [Fact]
    public async Task RemovedRows_AreTold()
    {
        var node = StartLeader();
        await CommitAsync(1, Row("gone", "a"), Row("stays", "a"));
        PassSeconds(1);
        node.Expect<ClusterNews.Viewed>(news => news.View.Changed.Count == 2);
        await Store.CommitAsync(new LeaderCommit(1, 1) { Removed = [new BucketRef(Row("gone", "a").Slot.Bucket, 1)] }, Token);
        PassSeconds(1);

        Assert.Equal([Row("gone", "a").Slot], node.Expect<ClusterNews.Viewed>(news => news.Removed.Count > 0).Removed);
        Assert.Equal(Row("stays", "a").Slot, Assert.Single(node.Picture.Assignments).Key);
    }

    [Fact]
    public void StoreDown_NothingIsConcluded_AndItIsShown()
    {
        var node = StartLeader();
        node.Drain();
        Store.IsDown = true;
        PassSeconds(2);
        Assert.Empty(node.Drain());
        Assert.Contains("down", node.Picture.StoreFault);
        Assert.NotNull(node.Picture.StoreFaultSince);
        PassSeconds(4);
        Assert.Equal([new ClusterNews.LostLead(1)], node.Drain());

        Store.IsDown = false;
        PassSeconds(2);
        Assert.Equal([new ClusterNews.Leads(2)], node.Drain());
        Assert.Null(node.Picture.StoreFault);
        Assert.NotNull(node.Picture.Incarnation);
    }

    private static void AwaitRefusal(MemberNode node) => node.AwaitCondition(() => node.Picture.Refusal is not null);
}
