using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>The store as this node reads it: one read in flight, versions that only rise, and what is said about it to others.</summary>
public sealed partial class MembershipActor
{
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Members and pins are read whole about so often, whatever their version says: it heals what no version tells, such as rows changed by hand. By node a little more
    /// or less, so that those who started together do not read together.
    /// </summary>
    private static readonly TimeSpan WholeRosterEvery = TimeSpan.FromMinutes(5);

    private readonly KnownRows _rows = new();
    private readonly KnownMembers _members = new();
    private ClusterView? _view;
    private TimeSpan _heardAt;
    private TimeSpan _wholeRosterAt;
    private readonly TimeSpan _wholeRosterEvery;
    private DateTimeOffset? _readAt;
    private bool _isReading;
    private bool _readsAgain;
    private bool _wentBack;
    private long _claimed;
    private int _generation;
    private string? _readFault;
    private DateTimeOffset? _faultSince;

    private async Task ListenAsync(IActorRef self, CancellationToken cancellation)
    {
        // Nodes that started together must not look together for ever.
        var random = OwnRandom();
        var ring = Next();
        while (!cancellation.IsCancellationRequested)
        {
            bool hasRung;
            try
            {
                hasRung = await ring;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            // It listens again before anybody reads: what rings after the read is heard, and what rang before it is read.
            ring = Next();
            self.Tell(hasRung ? DoorbellRang.Instance : (object)LookDue.Instance, ActorRefs.NoSender);
        }

        Task<bool> Next() => _context.Store.WaitForDoorbellAsync(Spread(_terms.ReadInterval, random), cancellation);
    }

    private Random OwnRandom() => new((int)XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes(_terms.Node)));

    private static TimeSpan Spread(TimeSpan interval, Random random) => interval * (0.8 + (0.4 * random.NextDouble()));

    private void ReadIfNewer(LifelineReport report, LifelineReport before)
    {
        if (report.Fault is null && (!IsKnown(report) || report.State != before.State))
        {
            Read();
        }
    }

    /// <summary>Whether a heartbeat's answer says that there is nothing to read.</summary>
    private bool IsKnown(LifelineReport report) => _view is { } view
        && report.AssignmentVersion == _rows.Version && report.RosterVersion == _members.Version && report.ConfigVersion == view.ConfigVersion && report.Lease == view.Lease;

    /// <summary>
    /// The regular look. A thousand nodes that read all members every few seconds would be most of the store's work, so a node to which heartbeats have just said that
    /// nothing is new takes that for the answer; the leader reads, since it judges members by their heartbeats.
    /// </summary>
    private void Look()
    {
        var areHeartbeatsHeard = _report.Fault is null && _incarnation is not null && Now() - _heardAt < _terms.ReadInterval;
        if (_leads is not null || !areHeartbeatsHeard || _wentBack || _isReading || WholeRosterIsDue || !IsKnown(_report))
        {
            Read();
            return;
        }

        _readAt = _context.Time.GetUtcNow();
        PublishView(_view! with { Changed = [] }, []);
        PublishPicture();
    }

    private void ReadUnlessKnown(ReadStore order)
    {
        if (order.Version == 0 || order.Version > _rows.Version)
        {
            Read();
        }
    }

    private void Read()
    {
        if (_isReading)
        {
            _readsAgain = true;
            return;
        }

        _isReading = true;
        _readsAgain = false;
        var asked = new StoreAsked(_generation, new ReadAfter(_rows.ReadAfter, RosterAfter()), _epochs.Highest, _claimed);
        ReadAsync(asked, _ended.Token).PipeTo(Self, Self);
    }

    private long? RosterAfter() => _leads is null && !WholeRosterIsDue ? _members.Version : null;

    private bool WholeRosterIsDue => Now() - _wholeRosterAt >= _wholeRosterEvery;

    private async Task<object> ReadAsync(StoreAsked asked, CancellationToken ended)
    {
        using var limit = new CancellationTokenSource(LongestRead, _context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ended);
        try
        {
            return new StoreRead(asked, await _context.Store.ReadAsync(asked.After, either.Token));
        }
        catch (StoreUnavailableException fault)
        {
            return new StoreNotRead(fault.Message);
        }
        catch (OperationCanceledException)
        {
            return new StoreNotRead($"the database did not answer within {LongestRead.TotalSeconds:0} s");
        }
    }

    private void NotRead(StoreNotRead fault)
    {
        _isReading = false;
        if (_isEnding)
        {
            EndWhenSilent();
            return;
        }

        NoteStore(fault.Fault, isLifeline: false);
        PublishPicture();
    }

    private void Take(StoreRead read)
    {
        _isReading = false;
        if (_isEnding)
        {
            EndWhenSilent();
            return;
        }

        if (read.Asked.Generation != _generation)
        {
            Read();
            return;
        }

        NoteStore(null, isLifeline: false);
        if (WentBack(read))
        {
            KeepWhatIsHeld(read.View);
        }
        else
        {
            Accept(read);
        }

        PublishPicture();
        if (_readsAgain || ((_rows.NeedsAll || _members.Version is null) && !_wentBack))
        {
            Read();
        }
    }

    /// <summary>Against what was known when the question was asked: what became known since may be newer than the answer.</summary>
    private bool WentBack(StoreRead read) =>
        _rows.WentBack(read.View) || read.View.AssignmentVersion < read.Asked.Claimed || read.View.Lease.Epoch < read.Asked.Epoch;

    private void KeepWhatIsHeld(ClusterView view)
    {
        if (!_wentBack)
        {
            LogWentBack(view.AssignmentVersion, Math.Max(_rows.Version, _claimed), view.Lease.Epoch, _epochs.Highest);
        }

        _wentBack = true;
        _members.Doubt();
        if (_leads is not null)
        {
            _lifeline.JumpAbove(_epochs.Highest);
        }
    }

    private void Accept(StoreRead read)
    {
        if (_wentBack)
        {
            LogCaughtUp(read.View.AssignmentVersion, read.View.Lease.Epoch);
            _wentBack = false;
        }

        var before = _view;
        var held = _rows.Rows;
        var removed = _rows.Accept(read.View, read.Asked.After.Assignments);
        _members.Accept(read.View, read.Asked.After.Roster);
        _wholeRosterAt = read.Asked.After.Roster is null ? Now() : _wholeRosterAt;
        var view = _view = read.View with { Members = _members.Members, Pins = _members.Pins };
        _readAt = _context.Time.GetUtcNow();
        _epochs.Raise(view.Lease.Epoch);
        foreach (var member in view.Members)
        {
            Heed(new MemberClaimed(member.AppliedAssignments, member.HighestEpoch));
        }

        JudgeLoss(held, view);
        PublishView(view, removed);
        if (_incarnation is null || _hasLeft)
        {
            return;
        }

        foreach (var gone in Gone(before, view))
        {
            Publish(new ClusterNews.MemberGone(gone));
        }

        if (read.Asked.After.Roster is null)
        {
            // Asked for before this node led, it tells no heartbeats; the next one does.
            _watch.Tell(view, Self);
        }

        LeaveIfDrained();
    }

    private void PublishView(ClusterView view, IReadOnlyList<SlotKey> removed)
    {
        if (_incarnation is not null && !_hasLeft)
        {
            Publish(new ClusterNews.Viewed(view) { Removed = removed });
        }
    }

    /// <summary>A member that restarted is gone too: what it held in memory is.</summary>
    private static IEnumerable<string> Gone(ClusterView? before, ClusterView view)
    {
        var living = view.Members.Where(member => member.State != MemberState.Down).ToDictionary(member => member.Node, member => member.Incarnation);
        return (before?.Members ?? []).Where(member => member.State != MemberState.Down && living.GetValueOrDefault(member.Node, -1) != member.Incarnation)
            .Select(member => member.Node);
    }

    /// <summary>The next view carries all rows, and answers that are still on their way are not taken for it.</summary>
    private void ForgetViews()
    {
        _generation++;
        _rows.Forget();
        _members.Doubt();
        _view = null;
        _wentBack = false;
    }

    private void NoteStore(string? fault, bool isLifeline)
    {
        if (!isLifeline)
        {
            _readFault = fault;
        }
        else if (fault is null)
        {
            _readFault = _isReading ? _readFault : null;
        }

        if (fault is not null)
        {
            _metrics.StoreErrors.Inc();
        }

        if (Fault is { } now && _faultSince is null)
        {
            _faultSince = _context.Time.GetUtcNow();
            LogStoreLost(now);
        }
        else if (Fault is null && _faultSince is { } since)
        {
            LogStoreBack((_context.Time.GetUtcNow() - since).TotalSeconds);
            _faultSince = null;
        }
    }

    private string? Fault => _report.Fault ?? _readFault;

    private void PublishPicture()
    {
        _context.Board.Publish(new ClusterPicture(
            _incarnation, _incarnation is null ? MemberState.Down : _report.State, _report.Lease, _leads, _view?.Members ?? [], _rows.Rows, _rows.Version,
            _view?.ConfigVersion ?? 0, _view?.Pins ?? [], Fault, _report.Refusal, _readAt)
        { StoreFaultSince = _faultSince });
    }

    private sealed class DoorbellRang
    {
        public static readonly DoorbellRang Instance = new();
    }

    private sealed class LookDue
    {
        public static readonly LookDue Instance = new();
    }

    /// <param name="Generation">Of this node's membership.</param>
    /// <param name="Epoch">The highest known when it was asked.</param>
    /// <param name="Claimed">The highest assignment version that a member said to have read by then.</param>
    private sealed record StoreAsked(int Generation, ReadAfter After, long Epoch, long Claimed);

    private sealed record StoreRead(StoreAsked Asked, ClusterView View);

    private sealed record StoreNotRead(string Fault);
}
