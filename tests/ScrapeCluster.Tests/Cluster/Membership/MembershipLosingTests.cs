using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>Remote write of a node that was away: it waits until the node knows what became of its slots.</summary>
public sealed class MembershipLosingTests : MemberCluster
{
    private readonly string _directory = Directory.CreateTempSubdirectory("membership").FullName;

    [Fact]
    public async Task BackBeforeAnybodyTookOver_SendsEverything()
    {
        await RunBeforeAsync();
        var node = Start("b", directory: _directory);
        Assert.Equal("suspend", Assert.Single(node.Sending.Told.Take(1)));
        PassUntil<ClusterNews.Viewed>(node, static _ => true);

        Assert.Equal(["suspend", "resume"], node.Sending.Told);
    }

    [Fact]
    public async Task BackAfterOthersTookOver_IsTold()
    {
        await RunBeforeAsync();
        var at = DateTimeOffset.UnixEpoch.AddMinutes(1);
        await CommitAsync(1, Row("job", "a") with { Previous = "b", Reason = "orphaned by b", EffectiveAt = at });
        var node = Start("b", directory: _directory);
        PassUntil<ClusterNews.Viewed>(node, static _ => true);

        Assert.Equal(["suspend", $"resume {at:O}"], node.Sending.Told);
    }

    [Fact]
    public async Task StartWithoutStore_GoesByWhatIsKnown_AndIsCorrectedByTheStore()
    {
        await RunBeforeAsync();
        Store.IsDown = true;
        var node = Start("b", directory: _directory);
        node.ExpectMsg<ClusterNews.Restored>();
        Assert.Equal(["suspend", "resume"], node.Sending.Told);

        Store.IsDown = false;
        var at = DateTimeOffset.UnixEpoch.AddMinutes(1);
        await CommitAsync(1, Row("job", "a") with { Previous = "b", Reason = "orphaned by b", EffectiveAt = at });
        PassUntil<ClusterNews.Viewed>(node, static _ => true);
        Assert.Equal(["suspend", "resume", $"resume {at:O}"], node.Sending.Told);
    }

    [Fact]
    public async Task DeclaredDeadWhileCutOff_WaitsUntilItKnowsSinceWhen()
    {
        StartLeader();
        var node = Start("b", directory: _directory);
        node.Expect<ClusterNews.Joined>();
        await CommitAsync(1, Row("job", "b"));
        PassUntil<ClusterNews.Viewed>(node, static news => news.View.AssignmentVersion == 1);
        Assert.Equal(["suspend", "resume"], node.Sending.Told);

        var at = DateTimeOffset.UnixEpoch.AddMinutes(1);
        var member = (await Store.ReadAsync(0, TestContext.Current.CancellationToken)).Members.Single(member => member.Node == "b");
        var dead = new LeaderCommit(1, 1)
        {
            Members = [new MemberChange("b", member.Incarnation, MemberState.Down)],
            Assignments = [Row("job", "a") with { Previous = "b", Reason = "orphaned by b", EffectiveAt = at }],
        };
        Assert.Equal(CommitOutcome.Committed, (await Store.CommitAsync(dead, TestContext.Current.CancellationToken)).Outcome);
        PassUntil<ClusterNews.Joined>(node, news => news.Incarnation != member.Incarnation);
        PassUntil<ClusterNews.Viewed>(node, static news => news.View.AssignmentVersion == 2);

        Assert.Equal($"resume {at:O}", node.Sending.Told[^1]);
        Assert.DoesNotContain("resume", node.Sending.Told.Skip(2));
    }

    [Fact]
    public async Task Leaves_WhenWhatItHandedOverIsSent()
    {
        StartLeader();
        var node = Start("b");
        node.Expect<ClusterNews.Joined>();
        node.Context.Ownership.Publish(new OwnershipPicture { Unsent = 3 }, isUrgent: true);
        var left = node.Actor.Ask<HasLeft>(new LeaveCluster(), MemberNode.Patience);
        PassSeconds(5);
        Assert.False(left.IsCompleted);

        node.Context.Ownership.Publish(new OwnershipPicture(), isUrgent: true);
        PassSeconds(1);
        Assert.Equal(0, (await left.WaitAsync(TestContext.Current.CancellationToken)).Owned);
    }

    /// <summary>A leader a, and a node b that had one slot when it ran last.</summary>
    private async Task RunBeforeAsync()
    {
        StartLeader();
        var node = Start("b", directory: _directory);
        node.Expect<ClusterNews.Joined>();
        await CommitAsync(1, Row("job", "b"));
        PassUntil<ClusterNews.Viewed>(node, static news => news.View.AssignmentVersion == 1);
        var file = new AssignmentFile(_directory);
        node.AwaitCondition(() =>
        {
            // Changes that come while the file is written wait for the next second.
            PassSeconds(1);
            return file.Read("test", "b") is { Version: 1 };
        });
        node.Kill();
    }
}
