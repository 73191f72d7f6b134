using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Cluster.Time;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>When the lifeline turns next.</summary>
public sealed class LifelineLoopTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly InProcessStore _store;

    public LifelineLoopTests() => _store = new InProcessStore(_time);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public void LeaseOfAnother_IsWaitedForToItsEnd()
    {
        var (leader, member) = (Loop("a"), Loop("b"));
        Turn(leader);
        Turn(member);
        Assert.Equal(LeaseTerms.Default.Renewal, leader.NextTurnIn);
        Assert.Equal(LeaseTerms.Default.Renewal, member.NextTurnIn);

        // The leader falls silent; this member turns 0.4 s before its lease ends.
        _time.Advance(TimeSpan.FromSeconds(4.6));
        Turn(member);
        Assert.InRange(member.NextTurnIn, TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(0.6));
        _time.Advance(member.NextTurnIn);
        Turn(member);
        Assert.Equal(2, member.Last.LeaderEpoch);
        Assert.Equal(LeaseTerms.Default.Renewal, member.NextTurnIn);
    }

    private void Turn(LifelineLoop loop) => loop.Turn(_time.GetElapsedTime(0), TimeSpan.Zero);

    private LifelineLoop Loop(string node) => new(
        _store.OpenLifeline(), new ClusterTime(_time), () => new JoinRequest(node, node, "", "", "", 0, 1, "", TimeSpan.FromMinutes(1)),
        incarnation => new Heartbeat(node, incarnation, 0, 0, 0, 0, "", 0), LeaseTerms.Default);
}
