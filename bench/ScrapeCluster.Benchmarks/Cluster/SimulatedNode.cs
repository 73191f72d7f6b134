using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Time;

namespace ScrapeCluster.Benchmarks.Cluster;

/// <summary>The real lifeline of a node, turned by virtual time.</summary>
internal sealed class SimulatedNode
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(1);

    private readonly ICoordinationStore _store;
    private readonly SimulatedClock _clock;
    private readonly DatabaseBill _bill;
    private LifelineLoop _loop;
    private TimeSpan _nextBeat;

    public SimulatedNode(string name, ICoordinationStore store, SimulatedClock clock, DatabaseBill bill, TimeSpan firstBeat)
    {
        Name = name;
        _store = store;
        _clock = clock;
        _bill = bill;
        _nextBeat = clock.Now + firstBeat;
        _loop = NewLoop();
        Reader = new SimulatedReader(store, bill, name);
    }

    public string Name { get; }

    public bool IsAlive { get; private set; } = true;

    public bool IsLeaving { get; set; }

    public LifelineReport Last { get; private set; } = LifelineReport.None;

    public bool Leads => IsAlive && Last.LeaderEpoch is not null && _clock.Now < Last.TrustedUntil;

    /// <summary>What it has read of the store; lost with the process.</summary>
    public SimulatedReader Reader { get; private set; }

    /// <returns>Whether it beat.</returns>
    public bool TurnWhenDue()
    {
        if (!IsAlive || _clock.Now < _nextBeat)
        {
            return false;
        }

        Last = _loop.Turn(_clock.Now, TimeSpan.Zero);
        _nextBeat = _clock.Now + BeatInterval;
        return true;
    }

    /// <summary>Ends without a word.</summary>
    public void Kill()
    {
        IsAlive = false;
        Last = LifelineReport.None;
    }

    public void Start(TimeSpan firstBeat)
    {
        IsAlive = true;
        IsLeaving = false;
        _loop = NewLoop();
        Reader = new SimulatedReader(_store, _bill, Name);
        _nextBeat = _clock.Now + firstBeat;
    }

    /// <summary>Its stream from the leader broke and the leader refuses to be reached: it may take the lease before it expires.</summary>
    public void SeeLeaderDie(long epoch, TimeSpan after)
    {
        _loop.LeaderDied(epoch);
        _nextBeat = _clock.Now + after;
    }

    private LifelineLoop NewLoop() => new(
        new BilledLifeline(_store.OpenLifeline(), _bill),
        new ClusterTime(_clock),
        () => new JoinRequest(Name, Name, "", "", "", 0, 1, "", TimeSpan.FromSeconds(3)),
        incarnation => new Heartbeat(Name, incarnation, 0, 0, 0, 0, "", 0),
        LeaseTerms.Default);

    private sealed class BilledLifeline(ILifeline life, DatabaseBill bill) : ILifeline
    {
        public JoinAnswer Join(JoinRequest request)
        {
            bill.Beat();
            return life.Join(request);
        }

        public HeartbeatAnswer Beat(Heartbeat heartbeat)
        {
            bill.Beat();
            return life.Beat(heartbeat);
        }

        public LeaseAnswer Hold(string role, string node, long incarnation, TimeSpan ttl, long? earlyFromEpoch = null, long atLeastEpoch = 0)
        {
            bill.Hold();
            return life.Hold(role, node, incarnation, ttl, earlyFromEpoch, atLeastEpoch);
        }

        public void Resign(string role, string node, long incarnation, long epoch)
        {
            bill.Hold();
            life.Resign(role, node, incarnation, epoch);
        }

        public void Dispose() => life.Dispose();
    }
}
