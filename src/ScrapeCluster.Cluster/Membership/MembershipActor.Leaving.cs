using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>The way out: nothing new is taken, what is held is handed over, and the place is given up.</summary>
public sealed partial class MembershipActor
{
    /// <summary>How long a store that does not answer is asked to note that this node leaves.</summary>
    private static readonly TimeSpan MarkWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(3);

    private readonly List<IActorRef> _askers = [];
    private TimeSpan? _leavesSince;
    private bool _keepsServing;
    private bool _hasLeft;
    private bool _isMarking;
    private HasLeft? _answer;

    private void Leave(LeaveCluster order, IActorRef asker)
    {
        if (_hasLeft && _answer is { } answer)
        {
            asker.Tell(answer, Self);
            return;
        }

        _askers.Add(asker);
        _keepsServing = order.KeepServing;
        if (_leavesSince is null || _answer is not null)
        {
            Begin();
        }
    }

    private void LeaveIfOrdered(LifelineReport report)
    {
        if (_leavesSince is null && report.Incarnation is not null && report.State == MemberState.Leaving)
        {
            // By an operator's word in the store. Nobody ends this process, so what it has stored stays readable.
            _keepsServing = true;
            Begin();
        }
        else if (_leavesSince is not null && _incarnation is null)
        {
            // Declared down while it left: there is nothing to hand over any more, and no way back.
            End();
        }
    }

    private void Begin()
    {
        _leavesSince = Now();
        _answer = null;
        LogLeaves(Owned());
        if (_incarnation is null || IsAlone())
        {
            GiveUpPlace();
        }
        else
        {
            Mark();
        }
    }

    private void Mark()
    {
        if (_isMarking || _incarnation is not { } incarnation)
        {
            return;
        }

        _isMarking = true;
        MarkAsync(incarnation, MemberState.Leaving).PipeTo(Self, Self);
    }

    private async Task<LeaveMarked> MarkAsync(long incarnation, MemberState state)
    {
        try
        {
            await _context.Store.SetOwnStateAsync(_terms.Node, incarnation, state, _ended.Token).WaitAsync(LongestEnd, _context.Time);
            return new LeaveMarked(true);
        }
        catch (Exception fault) when (fault is StoreUnavailableException or TimeoutException or OperationCanceledException)
        {
            return new LeaveMarked(false);
        }
    }

    private void Marked(LeaveMarked marked)
    {
        _isMarking = false;
        EndWhenSilent();
        if (marked.IsDone && !_isEnding)
        {
            Read();
        }
    }

    /// <summary>Asked at every tick and every view.</summary>
    private void LeaveIfDrained()
    {
        if (_leavesSince is not { } since || _answer is not null || _hasLeft)
        {
            return;
        }

        var isKnown = _view?.Members.Any(member => member.Node == _terms.Node && member.State == MemberState.Leaving) ?? false;
        var isDrained = isKnown && Owned() == 0 && _context.Ownership.Current is { Slots.Count: 0, Unsent: 0 };
        var waited = Now() - since;
        if (isDrained || (isKnown && NobodyCanTake()) || IsAlone() || waited >= _terms.DrainTimeout || (!isKnown && waited >= MarkWithin))
        {
            GiveUpPlace();
        }
        else if (!isKnown)
        {
            Mark();
        }
    }

    private void GiveUpPlace()
    {
        if (!_keepsServing || _incarnation is null)
        {
            End();
            return;
        }

        // A member still, which takes nothing and leads nobody, but is asked for its history.
        if (_leads is not null && !IsAlone())
        {
            _lifeline.Abstain();
        }

        Left(new HasLeft(Owned(), NobodyCanTake()));
    }

    private void End()
    {
        var owned = Owned();
        var nobodyCould = NobodyCanTake();
        var incarnation = _incarnation;
        _hasLeft = true;
        LoseLeadIfOver();
        if (_leads is { } epoch)
        {
            LoseLead(epoch);
        }

        _incarnation = null;
        _frames.Incarnation = 0;
        if (incarnation is { } over && !IsAlone())
        {
            // Others take what is left: this node must not go on with it.
            Publish(new ClusterNews.Expelled(over));
        }

        PublishPicture();
        Outlive(EndAsync(_lifeline, incarnation, owned, nobodyCould, isAlone: IsAlone()).PipeTo(Self, Self));
    }

    /// <summary>The lifeline first: beating on, it would come back as a new incarnation.</summary>
    private async Task<HasLeft> EndAsync(ILifelineHand lifeline, long? incarnation, int owned, bool nobodyCould, bool isAlone)
    {
        await Task.Run(lifeline.Dispose, CancellationToken.None);
        if (!isAlone)
        {
            await Task.Run(Forget, CancellationToken.None);
        }

        if (incarnation is { } over)
        {
            await MarkAsync(over, MemberState.Down);
        }

        return new HasLeft(owned, nobodyCould);
    }

    /// <summary>What others take over must not be scraped by a start without a database.</summary>
    private void Forget()
    {
        try
        {
            _file?.Delete();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotKept(AssignmentFile.Name, fault.Message);
        }
    }

    private void Left(HasLeft left)
    {
        _answer = left;
        LogLeft(left.Owned);
        foreach (var asker in _askers)
        {
            asker.Tell(left, Self);
        }

        _askers.Clear();
        Context.System.EventStream.Publish(left);
    }

    private int Owned() => _rows.Rows.Values.Count(row => row.Owner == _terms.Node);

    /// <summary>Nobody is there who could take anything.</summary>
    private bool IsAlone() => _view is { } view && !view.Members.Any(member => member.Node != _terms.Node && member.State is MemberState.Up or MemberState.Joining);

    /// <summary>Each of the others scrapes another slot already of every bucket that this node has.</summary>
    private bool NobodyCanTake()
    {
        var owned = _rows.Rows.Values.Where(row => row.Owner == _terms.Node).ToList();
        if (_view is not { } view || owned.Count == 0 || _context.Ownership.Current.Slots.Count > owned.Count)
        {
            // Or something is just being handed over.
            return false;
        }

        var others = view.Members.Where(member => member.Node != _terms.Node && member.State is MemberState.Up or MemberState.Joining).Select(member => member.Node).ToList();
        return owned.TrueForAll(row => others.TrueForAll(other => HasAnotherSlot(other, row.Slot)));
    }

    private bool HasAnotherSlot(string node, SlotKey slot)
    {
        for (var replica = 0; _rows.Rows.TryGetValue(slot with { Slot = replica }, out var row); replica++)
        {
            if (replica != slot.Slot && row.Owner == node)
            {
                return true;
            }
        }

        return false;
    }

    private sealed record LeaveMarked(bool IsDone);
}
