using ScrapeCluster.Cluster.Peers;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>Who leads: this node, with an eye on all others, or another whose end is noticed.</summary>
public sealed partial class MembershipActor
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(50);
    private const int Probes = 20;

    private int _watches;

    /// <summary>By the lifeline's word at this moment: the report may be old, as after a pause of the process.</summary>
    private void LoseLeadIfOver()
    {
        if (_leads is { } epoch && _lifeline.EpochNow != epoch)
        {
            LoseLead(epoch);
        }
    }

    private void LoseLead(long epoch)
    {
        LogLostLead(epoch);
        _leads = null;
        _watch.Tell(EndWatch.Instance, Self);
        _watch = ActorRefs.Nobody;
        _doubted = null;
        Publish(new ClusterNews.LostLead(epoch));
        PublishPicture();
    }

    private void LeadIfNew(LifelineReport report)
    {
        if (_leads is not null || _incarnation is null || report.LeaderEpoch is not { } epoch || _lifeline.EpochNow != epoch)
        {
            return;
        }

        if (epoch < _epochs.Highest)
        {
            _lifeline.JumpAbove(_epochs.Highest);
            return;
        }

        if (_wentBack)
        {
            Repair(epoch);
            return;
        }

        LogLeads(epoch);
        _leads = epoch;
        _watch = Context.Watch(Context.ActorOf(WatchActor.Props(_context, epoch, _frames), $"watch-{++_watches}"));
        TellDoubt();
        Publish(new ClusterNews.Leads(epoch));
        Read();
    }

    /// <summary>What a member has read and seen is never above what the store holds, unless the store went back.</summary>
    private void Heed(MemberClaimed claim)
    {
        _claimed = Math.Max(_claimed, claim.AppliedAssignments);
        _epochs.Raise(claim.HighestEpoch);
        if (_leads is { } epoch && claim.HighestEpoch > epoch)
        {
            _lifeline.JumpAbove(claim.HighestEpoch);
        }

        if (_leads is not null && claim.AppliedAssignments > _rows.Version)
        {
            Read();
        }
    }

    /// <summary>The leader's stream to us broke. If it has ended, its port refuses, and its lease need not run out first.</summary>
    private void ProbeLeader(LeaderStreamEnded ended)
    {
        if (ended.Epoch != _epochs.Highest || _leads is not null || _incarnation is null || _view?.Members.FirstOrDefault(member => member.Node == ended.Leader) is not { } leader)
        {
            return;
        }

        Outlive(ProbeAsync(new PeerAddress(leader.Node, leader.Address), ended.Epoch, _ended.Token).PipeTo(Self, Self));
    }

    /// <summary>Several times: a process that is being killed may close its port later than its connections.</summary>
    private async Task<LeaderProbed> ProbeAsync(PeerAddress leader, long epoch, CancellationToken cancellation)
    {
        try
        {
            for (var probe = 0; probe < Probes; probe++)
            {
                if (!await _context.Peers.IsListeningAsync(leader, ProbeTimeout, cancellation))
                {
                    return new LeaderProbed(leader.Node, epoch, IsRefused: true);
                }

                await Task.Delay(ProbePause, _context.Time, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The actor has stopped.
        }

        return new LeaderProbed(leader.Node, epoch, IsRefused: false);
    }

    private void Probed(LeaderProbed probed)
    {
        if (probed.IsRefused && probed.Epoch == _epochs.Highest && !_hasLeft)
        {
            LogLeaderDied(probed.Leader, probed.Epoch);
            _lifeline.LeaderDied(probed.Epoch);
        }
    }

    private sealed record LeaderProbed(string Leader, long Epoch, bool IsRefused);
}
