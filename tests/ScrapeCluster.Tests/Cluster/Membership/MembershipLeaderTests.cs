using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>The leader's eye on its members, and the members' on it.</summary>
public sealed class MembershipLeaderTests : MemberCluster
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void EveryMemberReports_TheLeaderItselfToo()
    {
        var (leader, member) = StartTwo();

        Assert.Equal(leader.Picture.Incarnation, NextReportOf(leader, "a").Incarnation);
        Assert.Equal(member.Picture.Incarnation, NextReportOf(leader, "b").Incarnation);
    }

    [Fact]
    public void UrgentChange_IsReportedAtOnce_AndOthersWithTheNextSecond()
    {
        var (leader, member) = StartTwo();
        var slot = new SlotReport { Slot = new SlotMessage { Job = "job", Count = 1 } };
        member.Context.Ownership.Publish(new OwnershipPicture { AppliedAssignments = 0, Slots = [slot] }, isUrgent: true);
        Assert.Equal(slot, Assert.Single(leader.Expect<ClusterNews.MemberReported>(news => news is { Node: "b", Frame.Slots.Count: > 0 }).Frame.Slots));

        member.Context.Ownership.Publish(new OwnershipPicture { Slots = [slot, slot] }, isUrgent: false);
        NextReportOf(leader, "b", frame => frame.Slots.Count == 2);
        Assert.Equal(2, NextReportOf(leader, "b").Slots.Count);
    }

    [Fact]
    public void KilledMember_IsDeadBeforeASecondHasPassed()
    {
        var (leader, member) = StartTwo();
        member.Kill();
        var died = leader.Expect<ClusterNews.MemberDied>();

        Assert.Equal(("b", member.Picture.Incarnation), (died.Node, died.Incarnation));
        PassSeconds(5);
        Assert.All(leader.Drain(), news => Assert.Equal(died, news));
    }

    [Fact]
    public void Death_IsSaidAgainToWhoeverBeginsToActForTheLeader()
    {
        var (leader, member) = StartTwo();
        member.Kill();
        var died = leader.Expect<ClusterNews.MemberDied>();
        leader.Sys.EventStream.Publish(RepeatDeaths.Instance);

        Assert.Equal(died, leader.Expect<ClusterNews.MemberDied>());
    }

    [Fact]
    public void SilentMember_IsDeadOnlyWhenItsHeartbeatsStoppedToo()
    {
        var (leader, member) = StartTwo();
        Start("c").Expect<ClusterNews.Joined>();
        PassSeconds(2);
        leader.Drain();
        Network.Cut("a", "b");
        PassSeconds(8);
        Assert.Empty(leader.Drain());

        member.Lifeline.IsPaused = true;
        Assert.Equal("b", PassUntil<ClusterNews.MemberDied>(leader, static _ => true).Node);
        Assert.All(leader.Drain(), news => Assert.Equal("b", Assert.IsType<ClusterNews.MemberDied>(news).Node));
    }

    [Fact]
    public void SilentMember_WhileTheStoreIsDown_Lives()
    {
        var (leader, _) = StartTwo();
        Store.IsDown = true;
        Network.Cut("a", "b");
        PassSeconds(10);

        Assert.DoesNotContain(leader.Drain(), news => news is ClusterNews.MemberDied);
    }

    [Fact]
    public void LeaderThatWasLate_JudgesNobodyUntilItHasHeardAgain()
    {
        var (leader, member) = StartTwo(terms => terms with { Lease = new LeaseTerms(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)) });
        leader.Drain();
        Network.Cut("a", "b");
        member.Lifeline.IsPaused = true;
        PassSeconds(2);

        leader.Sleep(TimeSpan.FromSeconds(60));
        PassSeconds(3);
        Assert.Empty(leader.Drain());
        PassSeconds(6);
        Assert.IsType<ClusterNews.MemberDied>(Assert.Single(leader.Drain().Distinct()));
    }

    [Fact]
    public void LeaderCutFromItsMembers_Resigns_AndAnotherLeads()
    {
        var (leader, member) = StartTwo();
        var third = Start("c");
        third.Expect<ClusterNews.Joined>();
        PassSeconds(2);
        leader.Drain();
        Network.Cut("a", "b");
        Network.Cut("a", "c");
        PassSeconds(8);

        Assert.Equal([new ClusterNews.LostLead(1)], leader.Drain());
        Assert.Single(member.Drain().Concat(third.Drain()).OfType<ClusterNews.Leads>(), news => news.Epoch == 2);
    }

    [Fact]
    public void KilledLeader_IsSucceededBeforeASecondHasPassed()
    {
        var (leader, member) = StartTwo();
        leader.Kill();

        Assert.Equal(2, member.Expect<ClusterNews.Leads>().Epoch);
        Assert.Equal("a", member.Expect<ClusterNews.MemberDied>().Node);
    }

    [Fact]
    public void LeaderThatHasNotReadTheStoreYet_JudgesNobody_AndWatchesOn()
    {
        Store.CannotBeRead = true;
        var leader = StartLeader();
        PassSeconds(5);
        Assert.Empty(leader.Drain());
        Assert.Equal(leader.Picture.Incarnation, NextReportOf(leader, "a").Incarnation);
        Store.CannotBeRead = false;
        Start("b");
        NextReportOf(leader, "b");

        Assert.Empty(leader.Drain());
        Assert.Empty(leader.ActorLog.Lines);
    }

    [Fact]
    public async Task WatchOfAnOldEpoch_IsRefused()
    {
        var (leader, member) = StartTwo();
        leader.Kill();
        member.Expect<ClusterNews.Leads>();
        var (peers, _) = Network.Attach("old");
        var stream = peers.StreamAsync(new PeerAddress("b", "b:1"), PeerMethods.Watch, new WatchRequest { Leader = "a", Epoch = 1 }, MemberFrame.Parser, Token);

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(async () => await stream.GetAsyncEnumerator(Token).MoveNextAsync());
        Assert.Contains("epoch", fault.Message);
    }

    [Fact]
    public async Task Ring_MakesTheOtherRead()
    {
        var (leader, member) = StartTwo();
        member.Lifeline.IsPaused = true;
        await CommitAsync(1, Row("job", "b"));
        await leader.Context.Peers.CallAsync(new PeerAddress("b", "b:1"), PeerMethods.Ring, new RingRequest { Epoch = 1, Version = 1 }, Empty.Parser, TimeSpan.FromSeconds(1), Token);
        member.Expect<ClusterNews.Viewed>(news => news.View.AssignmentVersion == 1);

        // What others are answered from is written after the news.
        MemberNode.Barrier(member.Actor);
        var known = await leader.Context.Peers.CallAsync(new PeerAddress("b", "b:1"), PeerMethods.Known, new Empty(), KnownAssignments.Parser, TimeSpan.FromSeconds(1), Token);
        Assert.Equal((1L, "b"), (known.Version, Assert.Single(known.Rows).Owner));
    }

    private MemberFrame NextReportOf(MemberNode leader, string node, Predicate<MemberFrame>? fits = null) =>
        PassUntil<ClusterNews.MemberReported>(leader, news => news.Node == node && (fits is null || fits(news.Frame))).Frame;

    private (MemberNode Leader, MemberNode Member) StartTwo(Func<ScrapeCluster.Cluster.ClusterTerms, ScrapeCluster.Cluster.ClusterTerms>? terms = null)
    {
        var leader = StartLeader(terms: terms);
        var member = Start("b", terms);
        member.Expect<ClusterNews.Joined>();
        NextReportOf(leader, "b");
        return (leader, member);
    }
}
