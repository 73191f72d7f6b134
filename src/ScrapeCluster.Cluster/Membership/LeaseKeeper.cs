using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// One node's hand on the leader's lease, by its own monotonic clock. What it believes is always less than what the store grants: trust begins when the
/// request was sent, not when the answer came, and ends a margin before the lease does. A node that was stopped for a minute finds its trust gone.
/// </summary>
/// <remarks>Pure: time and answers come from outside, and it says what to ask. Used by the lifeline's thread alone.</remarks>
public sealed class LeaseKeeper(LeaseTerms terms)
{
    private TimeSpan _trustedUntil = TimeSpan.MinValue;
    private TimeSpan _abstainUntil = TimeSpan.MinValue;
    private TimeSpan _askedAt = TimeSpan.MinValue;
    private LeaseView _lease = new("", 0, IsExpired: true);
    private long _deadEpoch = -1;

    /// <summary>Of the lease held last; 0 = never.</summary>
    public long Epoch { get; private set; }

    public LeaseView Lease => _lease;

    /// <summary>By the clock that the answers were timed with.</summary>
    public TimeSpan TrustedUntil => _trustedUntil;

    public bool IsLeader(TimeSpan now) => now < _trustedUntil;

    /// <summary>The epoch whose holder is known to be dead, if the lease may be taken before it expires.</summary>
    public long? EarlyFromEpoch => _deadEpoch == _lease.Epoch ? _deadEpoch : null;

    /// <summary>The stream to the leader of this epoch broke, and it refused to be reached again.</summary>
    public void LeaderDied(long epoch) => _deadEpoch = epoch;

    /// <summary>What a heartbeat's answer says of the lease.</summary>
    public void See(LeaseView lease)
    {
        _lease = lease;
        if (lease.Epoch != Epoch)
        {
            _trustedUntil = TimeSpan.MinValue;
        }
    }

    /// <summary>Whether to ask for the lease now: the holder regularly, others when it is free for them.</summary>
    public bool WantsToAsk(TimeSpan now)
    {
        if (now < _abstainUntil)
        {
            return false;
        }

        var holds = IsLeader(now);
        return holds ? now >= _askedAt + terms.Renewal : _lease.Holder.Length == 0 || _lease.IsExpired || EarlyFromEpoch is not null;
    }

    /// <param name="sentAt">When the request left, by the same clock.</param>
    public void Answered(LeaseAnswer answer, TimeSpan sentAt)
    {
        _askedAt = sentAt;
        _lease = answer.Lease;
        if (answer.IsHeld)
        {
            Epoch = answer.Lease.Epoch;
            _trustedUntil = sentAt + terms.TimeToLive - terms.Margin;
        }
        else
        {
            _trustedUntil = TimeSpan.MinValue;
        }
    }

    /// <summary>The incarnation that held the lease is over, and the lease with it.</summary>
    public void Lose() => _trustedUntil = TimeSpan.MinValue;

    /// <summary>Gives up leadership: too few members can be reached from here.</summary>
    public void Abstain(TimeSpan now)
    {
        _trustedUntil = TimeSpan.MinValue;
        _abstainUntil = now + terms.Abstention;
    }
}
