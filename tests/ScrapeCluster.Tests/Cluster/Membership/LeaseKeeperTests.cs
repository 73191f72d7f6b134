using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Cluster.Membership;

public sealed class LeaseKeeperTests
{
    private static readonly LeaseTerms Terms = LeaseTerms.Default;
    private static readonly LeaseView Free = new("", 0, IsExpired: true);

    [Fact]
    public void Trust_BeginsWhenAskedAndEndsBeforeTheLease()
    {
        var keeper = new LeaseKeeper(Terms);
        keeper.Answered(new LeaseAnswer(true, new LeaseView("a", 3, false)), sentAt: Seconds(10));

        Assert.Equal(3, keeper.Epoch);
        Assert.True(keeper.IsLeader(Seconds(13.9)));
        Assert.False(keeper.IsLeader(Seconds(14)));
    }

    [Fact]
    public void WantsToAsk_FreeOrExpiredOrDead_AndItsOwnOnceASecond()
    {
        var keeper = new LeaseKeeper(Terms);
        keeper.See(Free);
        Assert.True(keeper.WantsToAsk(Seconds(0)));
        keeper.See(new LeaseView("b", 7, IsExpired: false));
        Assert.False(keeper.WantsToAsk(Seconds(1)));
        keeper.LeaderDied(6);
        Assert.False(keeper.WantsToAsk(Seconds(1)));
        keeper.LeaderDied(7);
        Assert.True(keeper.WantsToAsk(Seconds(1)));
        Assert.Equal(7, keeper.EarlyFromEpoch);
        keeper.Answered(new LeaseAnswer(true, new LeaseView("a", 8, false)), Seconds(2));
        Assert.Null(keeper.EarlyFromEpoch);
        Assert.False(keeper.WantsToAsk(Seconds(2.9)));
        Assert.True(keeper.WantsToAsk(Seconds(3)));
    }

    [Fact]
    public void SomebodyElsesEpoch_EndsTrustAtOnce()
    {
        var keeper = new LeaseKeeper(Terms);
        keeper.Answered(new LeaseAnswer(true, new LeaseView("a", 3, false)), Seconds(0));
        keeper.See(new LeaseView("b", 4, false));

        Assert.False(keeper.IsLeader(Seconds(0)));
    }

    [Fact]
    public void Abstain_EndsTrustAndAsksNoMoreForAWhile()
    {
        var keeper = new LeaseKeeper(Terms);
        keeper.Answered(new LeaseAnswer(true, new LeaseView("a", 3, false)), Seconds(0));
        keeper.Abstain(Seconds(1));
        keeper.See(Free);

        Assert.False(keeper.IsLeader(Seconds(1)));
        Assert.False(keeper.WantsToAsk(Seconds(30.9)));
        Assert.True(keeper.WantsToAsk(Seconds(31)));
    }

    /// <summary>Nodes that are paused, cut off and slow at random: two never believe to lead at the same moment, and an epoch has one leader.</summary>
    [Fact]
    public void RandomLives_OneLeaderAtATime()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var time = new ManualTimeProvider();
            using var store = new InProcessStore(time).OpenLifeline();
            var nodes = Enumerable.Range(0, 4).Select(number => new Node($"n{number}", store)).ToList();
            var leaderOf = new Dictionary<long, string>();
            var changes = 0;
            for (var step = 0; step < 2000; step++)
            {
                time.Advance(TimeSpan.FromMilliseconds(random.Next(400)));
                var now = time.GetElapsedTime(0);
                nodes[random.Next(nodes.Count)].Step(now, random);
                var leaders = nodes.Where(node => node.Keeper.IsLeader(now)).ToList();
                Assert.True(leaders.Count <= 1, $"seed {seed}, step {step}: {string.Join(", ", leaders.Select(node => node.Name))} all lead");
                foreach (var leader in leaders)
                {
                    changes += leaderOf.TryAdd(leader.Keeper.Epoch, leader.Name) ? 1 : 0;
                    Assert.Equal(leaderOf[leader.Keeper.Epoch], leader.Name);
                }
            }

            Assert.True(changes > 3, "the lease changes hands");
        }
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private sealed class Node
    {
        private readonly ILifeline _store;
        private readonly long _incarnation;
        private TimeSpan _pausedUntil;

        public Node(string name, ILifeline store)
        {
            Name = name;
            _store = store;
            _incarnation = store.Join(new JoinRequest(name, name, "", "", "", 0, 1, "", TimeSpan.FromMinutes(1))).Incarnation!.Value;
        }

        public string Name { get; }

        public LeaseKeeper Keeper { get; } = new(Terms);

        public void Step(TimeSpan now, Random random)
        {
            if (now < _pausedUntil)
            {
                return;
            }

            if (random.Next(100) == 0)
            {
                _pausedUntil = now + TimeSpan.FromSeconds(random.Next(20));
                return;
            }

            Keeper.See(_store.Beat(new Heartbeat(Name, _incarnation, 0, 0, 0, 0, "", 0)).Lease);
            if (Keeper.WantsToAsk(now))
            {
                Keeper.Answered(_store.Hold(Roles.Leader, Name, _incarnation, Terms.TimeToLive), sentAt: now);
            }
        }
    }
}
