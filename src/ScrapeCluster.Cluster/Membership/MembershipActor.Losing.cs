using ScrapeCluster.Cluster.Sending;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// What this node had and others have taken over since: its unsent samples are behind theirs. Until it knows, as at its start and while it is out, nothing is sent.
/// </summary>
public sealed partial class MembershipActor
{
    private static readonly IReadOnlyDictionary<SlotKey, Assignment> NoRows = new Dictionary<SlotKey, Assignment>();

    /// <summary>Rows as they were when this node scraped by them last; null once it was seen what became of them.</summary>
    private IReadOnlyDictionary<SlotKey, Assignment>? _before;
    private bool _isSuspended;

    /// <summary>Read here and not beside: nothing may be sent, or written anew to the file, before.</summary>
    private void RememberKept()
    {
        if (_file is null)
        {
            return;
        }

        _before = NoRows;
        try
        {
            _before = RowsOf(_file.Read(_terms.Cluster, _terms.Node)?.Rows ?? []);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogUnread(AssignmentFile.Name, fault.Message);
        }

        Suspend();
    }

    /// <summary>Somebody declared this node dead; when that was is in the rows, which it reads once it is a member again.</summary>
    private void RememberLost()
    {
        if (_rows.Rows.Values.Any(row => row.Owner == _terms.Node))
        {
            _before = _rows.Rows;
        }

        _before ??= NoRows;
        Suspend();
    }

    private void Suspend()
    {
        _isSuspended = true;
        _context.Sending.Suspend();
    }

    /// <summary>Before anybody else hears of the rows: what is scraped by them must not be taken for what was scraped before.</summary>
    /// <param name="held">As they were before this view.</param>
    private void JudgeLoss(IReadOnlyDictionary<SlotKey, Assignment> held, ClusterView view)
    {
        if (_incarnation is null || _hasLeft)
        {
            return;
        }

        var takenOverAt = _before is { } before ? Loss.OnReturn(_terms.Node, before, [.. _rows.Rows.Values]) : Loss.InView(_terms.Node, held, view.Changed);
        _before = null;
        ResumeSending(takenOverAt);
    }

    /// <summary>A start without the store: peers know what became of the rows, as far as anybody does.</summary>
    private void JudgeRestored(IReadOnlyList<Assignment> rows)
    {
        ResumeSending(Loss.OnReturn(_terms.Node, _before ?? NoRows, rows));
        _before = RowsOf(rows);
    }

    private void ResumeSending(DateTimeOffset? takenOverAt)
    {
        if (takenOverAt is { } at)
        {
            LogTakenOver(at);
        }

        if (_isSuspended || takenOverAt is not null)
        {
            _isSuspended = false;
            _context.Sending.Resume(takenOverAt);
        }
    }

    private static Dictionary<SlotKey, Assignment> RowsOf(IEnumerable<Assignment> rows) => rows.ToDictionary(row => row.Slot);
}
