using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>The last assignment in a local file: written while all is well, used by a start while the store is silent.</summary>
public sealed partial class MembershipActor
{
    private readonly AssignmentFile? _file;
    private object? _kept;
    private bool _isKeeping;
    private bool _hasJoined;
    private bool _isRestoring;

    /// <summary>At each tick, so at most once a second.</summary>
    private void KeepIfChanged()
    {
        if (_file is null || _isKeeping || _incarnation is null || _view is not { } view || _wentBack)
        {
            return;
        }

        var ownership = _context.Ownership.Current;
        var peers = view.Members.Where(member => member.Node != _terms.Node && member.State != MemberState.Down)
            .Select(member => new PeerAddress(member.Node, member.Address)).ToList();
        var state = (_rows.Version, ownership.TargetSets, string.Join(' ', peers));
        if (state.Equals(_kept))
        {
            return;
        }

        _kept = state;
        _isKeeping = true;
        var kept = new KeptAssignments(_terms.Cluster, _terms.Node, _rows.Version, _epochs.Highest, [.. _rows.Rows.Values], [.. ownership.TargetSets], peers);
        Task.Run(() => Write(_file, kept)).PipeTo(Self, Self);
    }

    private static AssignmentsKept Write(AssignmentFile file, KeptAssignments kept)
    {
        try
        {
            file.Write(kept);
            return new AssignmentsKept(null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new AssignmentsKept(fault.Message);
        }
    }

    private void Kept(AssignmentsKept kept)
    {
        _isKeeping = false;
        EndWhenSilent();
        if (kept.Fault is { } fault)
        {
            LogNotKept(AssignmentFile.Name, fault);
        }
    }

    private void RestoreIfBlind(LifelineReport report)
    {
        if (_file is { } file && report.Fault is not null && !_hasJoined && !_isRestoring)
        {
            _isRestoring = true;
            Outlive(RestoreAsync(file, _ended.Token).PipeTo(Self, Self));
        }
    }

    private async Task<AssignmentsRestored> RestoreAsync(AssignmentFile file, CancellationToken cancellation)
    {
        try
        {
            if (await Task.Run(() => file.Read(_terms.Cluster, _terms.Node), cancellation) is not { } kept)
            {
                return new AssignmentsRestored(null, 0, "there is none of this node");
            }

            var known = await KnownByPeers.AskAsync(_context.Peers, kept.Peers, cancellation);
            return new AssignmentsRestored(Newest(kept, known), known.Count, null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            return new AssignmentsRestored(null, 0, fault.Message);
        }
    }

    /// <summary>Every node holds a whole picture, so the newest one counts: what another took since is in it, and what was removed is not.</summary>
    private static KeptAssignments Newest(KeptAssignments kept, IReadOnlyList<Wire.KnownAssignments> known)
    {
        var newest = known.MaxBy(peer => (peer.Version, peer.Epoch));
        return newest is null || (newest.Version, newest.Epoch).CompareTo((kept.Version, kept.Epoch)) <= 0
            ? kept
            : kept with { Version = newest.Version, Epoch = newest.Epoch, Rows = [.. newest.Rows.Select(AssignmentMessages.Read)] };
    }

    private void Restored(AssignmentsRestored restored)
    {
        if (_hasJoined || _hasLeft)
        {
            return;
        }

        if (restored.Kept is not { } kept)
        {
            LogNotRestored(AssignmentFile.Name, restored.Fault ?? "");
            return;
        }

        JudgeRestored(kept.Rows);
        _rows.Restore(kept.Version, kept.Rows);
        _epochs.Raise(kept.Epoch);
        LogRestored(AssignmentFile.Name, Owned(), restored.PeersAsked);
        Publish(new ClusterNews.Restored(kept.Version, kept.Rows, kept.TargetSets));
        PublishPicture();
    }

    private sealed record AssignmentsKept(string? Fault);

    private sealed record AssignmentsRestored(KeptAssignments? Kept, int PeersAsked, string? Fault);
}
