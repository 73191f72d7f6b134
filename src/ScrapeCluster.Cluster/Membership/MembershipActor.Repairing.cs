using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>A store that went back is brought above what the cluster knows by whoever leads, before anything else is done under the new epoch.</summary>
public sealed partial class MembershipActor
{
    private bool _isRepairing;

    private void Repair(long epoch)
    {
        if (_isRepairing)
        {
            return;
        }

        _isRepairing = true;
        Outlive(RepairAsync(epoch, Math.Max(_claimed, _rows.Version), _ended.Token).PipeTo(Self, Self));
    }

    private async Task<StoreRepaired> RepairAsync(long epoch, long claimed, CancellationToken ended)
    {
        using var limit = new CancellationTokenSource(LongestRead, _context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ended);
        var held = AssignmentMessages.Write(_context.Board.Current, _epochs.Highest);
        try
        {
            var store = await _context.Store.ReadAsync(0, either.Token);
            var others = store.Members.Where(member => member.State != MemberState.Down && member.Node != _terms.Node).Select(member => new PeerAddress(member.Node, member.Address));
            var known = await KnownByPeers.AskAsync(_context.Peers, others, either.Token);
            var commit = StoreRepair.Of(store, held, known, epoch, claimed, _context.Time.GetUtcNow() - _terms.Moves.SettleWithin);
            var result = await _context.Store.CommitAsync(commit, either.Token);
            return new StoreRepaired(epoch, result.Outcome == CommitOutcome.Committed ? result.Version : null, commit.Assignments.Count);
        }
        catch (Exception fault) when (fault is StoreUnavailableException or OperationCanceledException)
        {
            return new StoreRepaired(epoch, null, 0);
        }
    }

    private void Repaired(StoreRepaired repaired)
    {
        _isRepairing = false;
        if (repaired.Version is not { } version)
        {
            // Tried again at the next beat, if this node leads then.
            return;
        }

        LogRepaired(repaired.Rows, version, repaired.Epoch);
        _wentBack = false;
        LeadIfNew(_report);
        Read();
    }

    private sealed record StoreRepaired(long Epoch, long? Version, int Rows);
}
