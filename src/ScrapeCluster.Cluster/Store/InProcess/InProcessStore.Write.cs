namespace ScrapeCluster.Cluster.Store.InProcess;

public sealed partial class InProcessStore
{
    private void Write(LeaderCommit commit)
    {
        foreach (var change in commit.Members)
        {
            SetState(change.Node, change.Incarnation, change.State);
        }

        foreach (var removed in commit.Removed)
        {
            _targetSets.Remove(removed);
            foreach (var slot in _assignments.Values.Where(row => row.Slot.Bucket == removed.Key && row.Count == removed.Count).Select(row => row.Slot).ToList())
            {
                _assignments.Remove(slot);
            }
        }

        foreach (var slot in commit.Forgotten)
        {
            _assignments.Remove(slot);
        }

        foreach (var set in commit.TargetSets)
        {
            _targetSets[set.Bucket] = set;
        }

        _assignmentVersion = commit.VersionAfter(_assignmentVersion);
        foreach (var row in commit.Assignments)
        {
            _assignments[row.Slot] = row with { Epoch = commit.Epoch, Version = _assignmentVersion };
        }

        foreach (var noted in commit.Events)
        {
            Note(noted);
        }

        Ring();
    }

    private bool SetState(string node, long incarnation, MemberState state)
    {
        if (!_members.TryGetValue(node, out var row) || row.Member.Incarnation != incarnation || row.Member.State == MemberState.Down)
        {
            return false;
        }

        _members[node] = row with { Member = row.Member with { State = state }, Since = ++_rosterVersion };
        return true;
    }

    private bool Carry(OperatorOrder order)
    {
        if (order is { Kind: OrderKind.Pin or OrderKind.Unpin, Bucket: { } bucket })
        {
            _rosterVersion++;
            return order.Kind == OrderKind.Unpin ? _pins.Remove(bucket) : SetPin(new Pin(bucket, order.Node));
        }

        if (!_members.TryGetValue(order.Node, out var row))
        {
            return false;
        }

        _members[order.Node] = row with
        {
            Member = order.Kind switch
            {
                OrderKind.Cordon => row.Member with { IsCordoned = true },
                OrderKind.Uncordon => row.Member with { IsCordoned = false },
                OrderKind.Down => row.Member with { State = MemberState.Down },
                _ => row.Member with { State = row.Member.State == MemberState.Down ? MemberState.Down : MemberState.Leaving },
            },
            Since = ++_rosterVersion,
        };
        Ring();
        return true;
    }

    private bool SetPin(Pin pin)
    {
        _pins[pin.Bucket] = pin;
        return true;
    }
}
