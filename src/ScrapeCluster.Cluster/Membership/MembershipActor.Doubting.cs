using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// A leader that does not renew its lease is asked whether it lives, long before the lease ends: who leads next knows by then, and need not count its silence
/// from the beginning.
/// </summary>
public sealed partial class MembershipActor
{
    private LeaderDoubt? _doubted;
    private bool _isAsking;
    private DateTimeOffset _askedAt;

    /// <summary>A question takes no longer than a probe: then its answer is on its way here.</summary>
    private bool IsAnswerDue => _isAsking && _context.Time.GetUtcNow() - _askedAt >= MemberRules.ProbeInterval;

    private void DoubtLeader(LifelineReport report)
    {
        if (_leads is not null)
        {
            // Of the one before; its last probe may still be on its way.
            return;
        }

        var holder = report.Lease.Holder;
        if (report.Fault is not null || _incarnation is null || holder == _terms.Node || !LeaderDoubt.IsDue(report.LeaseEndsIn, _terms.Lease)
            || _view?.Members.FirstOrDefault(member => member.Node == holder) is not { } leader)
        {
            _doubted = null;
            return;
        }

        if (_doubted is not { } doubted || doubted.Epoch != report.Lease.Epoch || doubted.Incarnation != leader.Incarnation)
        {
            _doubted = new LeaderDoubt(leader.Node, leader.Address, leader.Incarnation, report.Lease.Epoch, Missed: 0);
        }

        AskLeader();
    }

    private void AskLeader()
    {
        if (_isAsking || _doubted is not { } doubted)
        {
            return;
        }

        _isAsking = true;
        _askedAt = _context.Time.GetUtcNow();
        Outlive(AskAsync(doubted, _ended.Token).PipeTo(Self, Self));
    }

    /// <summary>A probe that fails lasts a second however it fails: three of them must mean three seconds.</summary>
    private async Task<LeaderAsked> AskAsync(LeaderDoubt leader, CancellationToken ended)
    {
        var began = Now();
        try
        {
            await _context.Peers.CallAsync(new PeerAddress(leader.Node, leader.Address), PeerMethods.Pulse, new Empty(), Empty.Parser, MemberRules.ProbeInterval, ended);
            return new LeaderAsked(leader.Epoch, HasAnswered: true);
        }
        catch (PeerUnavailableException)
        {
            var rest = MemberRules.ProbeInterval - (Now() - began);
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, _context.Time, CancellationToken.None);
            return new LeaderAsked(leader.Epoch, HasAnswered: false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return new LeaderAsked(leader.Epoch, HasAnswered: true);
        }
    }

    private void Answered(LeaderAsked asked)
    {
        _isAsking = false;
        if (_doubted is not { } doubted || doubted.Epoch != asked.Epoch)
        {
            return;
        }

        _doubted = doubted.After(asked.HasAnswered, _doubt.IsSick(Now()));
        LogAsked(doubted.Node, doubted.Epoch, asked.HasAnswered, _doubted.Missed);
        TellDoubt();
        if (!asked.HasAnswered && _leads is null)
        {
            AskLeader();
        }
    }

    /// <summary>To this node's own eye on the members, once it leads.</summary>
    private void TellDoubt()
    {
        if (_doubted is { Missed: > 0 } doubted)
        {
            _watch.Tell(doubted, Self);
        }
    }

    private sealed record LeaderAsked(long Epoch, bool HasAnswered);
}
