using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>How often the store is read, and for what.</summary>
public sealed class MembershipReadingTests : MemberCluster
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NothingNew_OnlyTheLeaderReads()
    {
        var (_, follower) = await StartBothAsync();
        PassSeconds(60);

        Assert.InRange(Store.Reads.Count, 15, 26);
        Assert.All(Store.Reads, read => Assert.Null(read.Roster));
        for (var look = 0; look < 15; look++)
        {
            var view = follower.Expect<ClusterNews.Viewed>().View;
            Assert.Equal((2, 0), (view.Members.Count, view.Changed.Count));
        }

        Assert.True(Time.GetUtcNow() - follower.Picture.ReadAt < TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task StateThatNoDoorbellTells_IsReadWithTheNextHeartbeat_ByChange()
    {
        var (leader, follower) = await StartBothAsync();
        var asked = follower.Picture.Incarnation;
        await Store.SetOwnStateAsync("a", leader.Picture.Incarnation!.Value, MemberState.Leaving, Token);
        PassSeconds(1);

        Assert.Equal(MemberState.Leaving, follower.Picture.Members.Single(member => member.Node == "a").State);
        Assert.Equal((2, asked), (follower.Picture.Members.Count, follower.Picture.Incarnation));
        Assert.Contains(Store.Reads, read => read.Roster is not null);
    }

    [Fact]
    public async Task PinThatNoDoorbellTells_IsReadWithTheNextHeartbeat()
    {
        var (_, follower) = await StartBothAsync();
        var bucket = new BucketKey("job", 0);
        await Store.OrderAsync(new OperatorOrder(OrderKind.Pin, "b", bucket), Token);
        PassSeconds(1);
        Assert.Equal([new Pin(bucket, "b")], follower.Picture.Pins);

        PassSeconds(10);
        Assert.Equal([new Pin(bucket, "b")], follower.Picture.Pins);
        await Store.OrderAsync(new OperatorOrder(OrderKind.Unpin, "b", bucket), Token);
        PassSeconds(1);
        Assert.Empty(follower.Picture.Pins);
    }

    [Fact]
    public async Task HeartbeatsThatAreNotHeard_AreMadeUpForByRegularReads()
    {
        var (leader, follower) = await StartBothAsync();
        follower.Lifeline.IsPaused = true;
        PassSeconds(4);
        await Store.SetOwnStateAsync("a", leader.Picture.Incarnation!.Value, MemberState.Leaving, Token);
        PassSeconds(4);

        Assert.Equal(MemberState.Leaving, follower.Picture.Members.Single(member => member.Node == "a").State);
    }

    [Fact]
    public async Task WhatNoVersionTells_IsReadWithinMinutes()
    {
        var (leader, follower) = await StartBothAsync();
        leader.Gauge.ScrapesEnded = 7;
        PassSeconds(200);
        Assert.Equal((7, 0), (ProgressOfLeader(leader), ProgressOfLeader(follower)));
        PassSeconds(170);
        Assert.Equal(7, ProgressOfLeader(follower));
    }

    [Fact]
    public async Task NewLeader_ReadsHeartbeatsOfAll()
    {
        var (leader, follower) = await StartBothAsync();
        leader.Kill();
        PassSeconds(8);
        Assert.NotNull(follower.Picture.LeaderEpoch);
        PassSeconds(10);

        Assert.True(follower.Picture.Members.Single(member => member.Node == "a").SeenAgo > TimeSpan.FromSeconds(8));
    }

    private static long ProgressOfLeader(MemberNode node) => node.Picture.Members.Single(member => member.Node == "a").Progress;

    /// <summary>Both have read all that there is.</summary>
    private async Task<(MemberNode Leader, MemberNode Follower)> StartBothAsync()
    {
        var leader = StartLeader();
        var follower = Start("b");
        await CommitAsync(1, Row("job", "a"));

        // By the doorbell, while the clock stands: each listens again by then, and looks again in time.
        leader.Expect<ClusterNews.Viewed>(news => news.View.AssignmentVersion == 1);
        follower.Expect<ClusterNews.Viewed>(news => news.View.AssignmentVersion == 1);
        PassSeconds(5);
        follower.Drain();
        Store.Reads.Clear();
        return (leader, follower);
    }
}
