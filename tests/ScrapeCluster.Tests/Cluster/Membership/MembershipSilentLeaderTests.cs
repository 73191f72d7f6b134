using ScrapeCluster.Cluster.Membership;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>A leader that falls silent, or seems to: who comes after it counts what was found while its lease ran out.</summary>
public sealed class MembershipSilentLeaderTests : MemberCluster
{
    [Fact]
    public void SilentEverywhere_IsDeadAsSoonAsItsLeaseIsAnothers()
    {
        var (leader, others) = StartThree();
        leader.Lifeline.IsPaused = true;
        Network.Cut("a", "b");
        Network.Cut("a", "c");

        // Five until the lease ends, one until the next turn.
        PassSeconds(6);
        var next = others.Select(node => node.Drain()).Single(news => news.OfType<ClusterNews.Leads>().Any());
        Assert.Equal("a", Assert.Single(next.OfType<ClusterNews.MemberDied>().Distinct()).Node);
    }

    [Fact]
    public void CutFromTheStoreOnly_AnswersAndLives()
    {
        var (leader, others) = StartThree();
        leader.Lifeline.IsPaused = true;
        PassSeconds(15);

        var news = others.SelectMany(node => node.Drain()).ToList();
        Assert.Single(news.OfType<ClusterNews.Leads>());
        Assert.Empty(news.OfType<ClusterNews.MemberDied>());
    }

    [Fact]
    public void SuccessorThatReachesNobody_DeclaresNobodyAndGivesUp()
    {
        var (leader, others) = StartThree();
        leader.Lifeline.IsPaused = true;
        Network.Cut("a", "b");
        Network.Cut("b", "c");
        PassSeconds(12);

        // It was b's own line that was cut: c lived by the store all the time, and hears both.
        var news = others[0].Drain();
        Assert.Equal([typeof(ClusterNews.Leads), typeof(ClusterNews.LostLead)], news.Select(one => one.GetType()));
        Assert.Empty(others[1].Drain().OfType<ClusterNews.MemberDied>());
    }

    private (MemberNode Leader, MemberNode[] Others) StartThree()
    {
        var leader = StartLeader();
        MemberNode[] others = [Start("b"), Start("c")];
        foreach (var node in others)
        {
            node.Expect<ClusterNews.Joined>();
        }

        PassSeconds(3);
        foreach (var node in others)
        {
            node.Drain();
        }

        return (leader, others);
    }
}
