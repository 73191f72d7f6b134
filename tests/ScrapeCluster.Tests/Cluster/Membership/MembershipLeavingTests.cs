using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>The way out of the cluster.</summary>
public sealed class MembershipLeavingTests : MemberCluster
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Alone_LeavesAtOnce()
    {
        var node = StartLeader();
        await CommitAsync(1, Row("job", "a"));
        PassSeconds(1);
        node.Expect<ClusterNews.Viewed>(news => news.View.AssignmentVersion == 1);
        var left = node.Actor.Ask<HasLeft>(new LeaveCluster(), MemberNode.Patience);

        Assert.Equal(1, (await left.WaitAsync(Token)).Owned);
        Assert.Equal([new ClusterNews.LostLead(1)], node.Drain().Where(news => news is not ClusterNews.Leads));
        PassSeconds(3);
        Assert.Empty(node.Drain());
        Assert.Equal(MemberState.Down, Assert.Single((await Store.ReadAsync(0, Token)).Members).State);
    }

    [Fact]
    public async Task WithOthers_LeavesWhenAllIsHandedOver()
    {
        StartLeader();
        var node = Start("b");
        var incarnation = node.Expect<ClusterNews.Joined>().Incarnation;
        await CommitAsync(1, Row("job", "b"));
        PassSeconds(1);
        node.Context.Ownership.Publish(new OwnershipPicture { Slots = [new SlotReport { Slot = new SlotMessage { Job = "job" } }] }, isUrgent: true);
        var left = node.Actor.Ask<HasLeft>(new LeaveCluster(), MemberNode.Patience);
        PassSeconds(3);
        Assert.Equal(MemberState.Leaving, (await Store.ReadAsync(0, Token)).Members[1].State);
        await CommitAsync(1, Row("job", "a"));
        PassSeconds(3);
        Assert.False(left.IsCompleted);

        node.Context.Ownership.Publish(new OwnershipPicture(), isUrgent: true);
        PassSeconds(1);
        Assert.Equal(0, (await left.WaitAsync(Token)).Owned);
        Assert.Contains(new ClusterNews.Expelled(incarnation), node.Drain());
        PassSeconds(3);
        Assert.Equal(MemberState.Down, (await Store.ReadAsync(0, Token)).Members[1].State);
        Assert.Empty(node.Drain());
    }

    [Fact]
    public async Task NobodyTakesIt_LeavesAtTheDeadline()
    {
        StartLeader();
        var node = Start("b", terms => terms with { DrainTimeout = TimeSpan.FromSeconds(10) });
        node.Expect<ClusterNews.Joined>();
        await CommitAsync(1, Row("job", "b"));
        PassSeconds(1);
        var left = node.Actor.Ask<HasLeft>(new LeaveCluster(), MemberNode.Patience);
        MemberNode.Barrier(node.Actor);
        PassSeconds(9);
        Assert.False(left.IsCompleted);
        PassSeconds(2);

        Assert.Equal(1, (await left.WaitAsync(Token)).Owned);
    }

    [Fact]
    public async Task NobodyCanTakeIt_LeavesAtOnce()
    {
        StartLeader();
        var node = Start("b", terms => terms with { DrainTimeout = TimeSpan.FromSeconds(10) });
        node.Expect<ClusterNews.Joined>();
        var row = Row("job", "b");
        await CommitAsync(1, row, row with { Slot = row.Slot with { Slot = 1 }, Owner = "a" });
        PassSeconds(1);
        var left = node.Actor.Ask<HasLeft>(new LeaveCluster(), MemberNode.Patience);
        MemberNode.Barrier(node.Actor);
        PassSeconds(2);

        Assert.Equal(new HasLeft(1, NobodyCould: true), await left.WaitAsync(Token));
    }

    [Fact]
    public async Task StoreDown_LeavesAfterAFewSeconds()
    {
        StartLeader();
        var node = Start("b");
        node.Expect<ClusterNews.Joined>();
        PassSeconds(1);
        Store.IsDown = true;
        var left = node.Actor.Ask<HasLeft>(new LeaveCluster(), MemberNode.Patience);
        MemberNode.Barrier(node.Actor);
        PassSeconds(7);

        Assert.Equal(0, (await left.WaitAsync(Token)).Owned);
    }

    [Fact]
    public async Task OrderedByAnOperator_HandsOverAndStaysReadable()
    {
        StartLeader();
        var node = Start("b");
        var incarnation = node.Expect<ClusterNews.Joined>().Incarnation;
        PassSeconds(1);
        var left = node.CreateTestProbe();
        node.Sys.EventStream.Subscribe<HasLeft>(left.Ref);
        await Store.OrderAsync(new OperatorOrder(OrderKind.Leave, "b"), Token);
        PassSeconds(3);

        Assert.Equal(0, left.ExpectMsg<HasLeft>().Owned);
        Assert.Empty(node.Drain());
        Assert.Equal((incarnation, MemberState.Leaving), (node.Picture.Incarnation, node.Picture.State));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task EndInOrder_SaysNothingToNobody(string name)
    {
        MemberNode[] nodes = [StartLeader(), Start("b"), Start("c")];
        PassSeconds(3);
        var node = nodes.Single(node => node.Name == name);
        var left = node.Actor.Ask<HasLeft>(new LeaveCluster(), MemberNode.Patience);
        PassSeconds(4);
        await left.WaitAsync(Token);
        Assert.True(await node.Actor.GracefulStop(MemberNode.Patience, new EndMembership()));
        PassSeconds(3);

        Assert.All(nodes, each => Assert.Empty(each.ActorLog.Lines));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task EndWithoutLeaving_GivesTheLeaseBack_AndSaysNothingToNobody(string name)
    {
        MemberNode[] nodes = [StartLeader(), Start("b"), Start("c")];
        PassSeconds(3);
        var node = nodes.Single(node => node.Name == name);
        Assert.True(await node.Actor.GracefulStop(MemberNode.Patience, new EndMembership()));
        Network.Kill(name);
        PassSeconds(3);

        Assert.NotEqual(name, (await Store.ReadAsync(0, Token)).Lease.Holder);
        Assert.All(nodes, each => Assert.Empty(each.ActorLog.Lines));
    }

    [Fact]
    public async Task LeaderThatKeepsServing_LeadsNoMore_AndGoesWhenToldAgain()
    {
        var node = StartLeader();
        var other = Start("b");
        other.Expect<ClusterNews.Joined>();
        PassSeconds(2);
        node.Drain();
        var left = node.Actor.Ask<HasLeft>(new LeaveCluster(KeepServing: true), MemberNode.Patience);
        PassSeconds(3);
        Assert.Equal(0, (await left.WaitAsync(Token)).Owned);
        PassSeconds(3);
        Assert.Equal([new ClusterNews.LostLead(1)], node.Drain());
        Assert.Equal(2, other.Expect<ClusterNews.Leads>().Epoch);
        Assert.Equal(MemberState.Leaving, node.Picture.State);

        left = node.Actor.Ask<HasLeft>(new LeaveCluster(), MemberNode.Patience);
        PassSeconds(2);
        await left.WaitAsync(Token);
        PassSeconds(2);
        Assert.Equal(MemberState.Down, (await Store.ReadAsync(0, Token)).Members[0].State);
    }
}
