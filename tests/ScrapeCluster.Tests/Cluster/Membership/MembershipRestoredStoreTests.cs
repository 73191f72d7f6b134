using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>The store is restored to an earlier time, or fails over and loses its last commits.</summary>
public sealed class MembershipRestoredStoreTests : MemberCluster
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StoreThatForgotAll_IsBroughtUpToWhatTheClusterKnows_AndNobodyStops()
    {
        var leader = StartLeader();
        var member = Start("b");
        member.Expect<ClusterNews.Joined>();
        await CommitAsync(1, Row("one", "a"));
        await CommitAsync(1, Row("two", "b"));
        await CommitAsync(1, Row("three", "b"));
        PassSeconds(2);
        member.Expect<ClusterNews.Viewed>(news => news.View.AssignmentVersion == 3);
        leader.Drain();
        member.Drain();

        Store.Replace(new InProcessStore(Time));
        PassSeconds(8);
        var news = leader.DrainTo<ClusterNews.Leads>();
        var view = await Store.ReadAsync(0, Token);
        news.AddRange(leader.DrainTo<ClusterNews.Viewed>(read => read.View.AssignmentVersion == view.AssignmentVersion));
        news.AddRange(member.DrainTo<ClusterNews.Viewed>(read => read.View.AssignmentVersion == view.AssignmentVersion));

        Assert.Equal(["a", "b", "b"], view.Changed.Select(row => row.Owner).Order());
        Assert.True(view.AssignmentVersion > 3);
        Assert.True(view.Lease.Epoch > 1);
        Assert.DoesNotContain(news, heard => heard is ClusterNews.Expelled or ClusterNews.MemberGone or ClusterNews.MemberDied);
        Assert.Equal((view.AssignmentVersion, 3), (leader.Picture.AssignmentVersion, leader.Picture.Assignments.Count));
        Assert.Equal((view.AssignmentVersion, 3), (member.Picture.AssignmentVersion, member.Picture.Assignments.Count));
        Assert.Single(new[] { leader, member }, node => node.Picture.LeaderEpoch == view.Lease.Epoch);
    }

    [Fact]
    public async Task VersionThatAMemberHasRead_IsNotGivenAgain()
    {
        var leader = StartLeader();
        var member = Start("b");
        member.Expect<ClusterNews.Joined>();
        await CommitAsync(1, Row("one", "a"));
        PassSeconds(2);
        leader.Drain();
        member.Context.Ownership.Publish(new OwnershipPicture { AppliedAssignments = 9 }, isUrgent: true);
        PassSeconds(4);

        Assert.Equal([new ClusterNews.LostLead(1), new ClusterNews.Leads(2)], leader.DrainTo<ClusterNews.Leads>());
        Assert.Equal(10, (await Store.ReadAsync(0, Token)).AssignmentVersion);
    }

    [Fact]
    public void EpochThatAMemberHasSeen_IsJumpedOver()
    {
        var leader = StartLeader();
        using var life = Store.OpenLifeline();
        var incarnation = life.Join(new JoinRequest("b", "dir", "b:1", "", "", 0, 1, "", TimeSpan.FromSeconds(5))).Incarnation!.Value;
        life.Beat(new Heartbeat("b", incarnation, 0, 0, 0, 0, "", HighestEpoch: 41));
        PassSeconds(4);

        Assert.Equal([new ClusterNews.LostLead(1), new ClusterNews.Leads(42)], leader.DrainTo<ClusterNews.Leads>().Where(news => news is ClusterNews.LostLead or ClusterNews.Leads));
    }

    [Fact]
    public void Repair_TakesTheNewestPicture_AndWhatOnlyTheStoreHas()
    {
        var store = View(5, Row("kept", "c"), Row("moved", "c"));
        var held = AssignmentMessages.Write(7, 1, [Row("moved", "b") with { Version = 7 }]);
        var other = AssignmentMessages.Write(8, 1, [Row("moved", "a") with { Version = 8, Previous = "b", EffectiveAt = DateTimeOffset.UnixEpoch }]);
        var commit = StoreRepair.Of(store, held, [other], epoch: 3, claimed: 9, settled: DateTimeOffset.UnixEpoch.AddSeconds(1));

        Assert.Equal((3, 5, 10), (commit.Epoch, commit.ExpectedVersion, commit.AtLeastVersion));
        Assert.Equal([("kept", "c", ""), ("moved", "a", "")], commit.Assignments.Select(row => (row.Slot.Bucket.Job, row.Owner, row.Previous)));
    }

    private static ClusterView View(long version, params Assignment[] rows) =>
        new(new LeaseView("a", 1, false), [], version, rows, new Dictionary<BucketRef, long>(), [], 0, DateTimeOffset.UnixEpoch);
}
