namespace ScrapeCluster.Cluster.Store.InProcess;

public sealed partial class InProcessStore
{
    private LeaseView ViewOf(string role, DateTimeOffset now)
    {
        return _leases.TryGetValue(role, out var row) ? new LeaseView(row.Holder, row.Epoch, row.ExpiresAt <= now) : new LeaseView("", 0, IsExpired: true);
    }

    private JoinAnswer Join(JoinRequest request)
    {
        var now = time.GetUtcNow();
        if (_members.TryGetValue(request.Node, out var known)
            && known.Member.DataId != request.DataId
            && known.Member.State != MemberState.Down
            && now - known.SeenAt < request.AliveWithin)
        {
            return new JoinAnswer(null, JoinRefusal.NameTaken(request.Node, known.Member.Address));
        }

        var member = new Member(
            request.Node, ++_lastIncarnation, request.DataId, request.Address, request.ApiAddress, request.Zone, MemberState.Joining, request.Capacity,
            0, 0, 0, 0, "", 0, request.Protocol, request.Version, known?.Member.IsCordoned ?? false, TimeSpan.Zero);
        _members[request.Node] = new MemberRow(member, now, ++_rosterVersion);
        Ring();
        return new JoinAnswer(member.Incarnation, null);
    }

    private HeartbeatAnswer Beat(Heartbeat heartbeat)
    {
        var now = time.GetUtcNow();
        var known = _members.GetValueOrDefault(heartbeat.Node);
        var isAccepted = known is not null && known.Member.Incarnation == heartbeat.Incarnation && known.Member.State != MemberState.Down;
        if (isAccepted)
        {
            var member = known!.Member with
            {
                Load = heartbeat.Load,
                Progress = heartbeat.Progress,
                AppliedAssignments = heartbeat.AppliedAssignments,
                AppliedConfig = heartbeat.AppliedConfig,
                ConfigHash = heartbeat.ConfigHash,
                HighestEpoch = heartbeat.HighestEpoch,
            };
            _members[heartbeat.Node] = known with { Member = member, SeenAt = now };
        }

        var state = isAccepted ? known!.Member.State : MemberState.Down;
        return new HeartbeatAnswer(isAccepted, state, ViewOf(Roles.Leader, now), _assignmentVersion, _configs.Count, now)
        {
            StoredIncarnation = known?.Member.Incarnation ?? 0,
            LeaseEndsIn = _leases.TryGetValue(Roles.Leader, out var lease) && lease.Holder.Length > 0 ? lease.ExpiresAt - now : null,
            RosterVersion = _rosterVersion,
        };
    }

    private LeaseAnswer Hold(string role, string node, long incarnation, TimeSpan ttl, long? earlyFromEpoch, long atLeastEpoch)
    {
        var now = time.GetUtcNow();
        var row = _leases.GetValueOrDefault(role) ?? new LeaseRow("", 0, 0, DateTimeOffset.MinValue);
        var isOurs = row.Holder == node && row.Incarnation == incarnation;
        if (isOurs && row.ExpiresAt > now && row.Epoch >= atLeastEpoch)
        {
            _leases[role] = row with { ExpiresAt = now + ttl };
            return new LeaseAnswer(true, ViewOf(role, now));
        }

        var isFree = isOurs || row.Holder.Length == 0 || row.ExpiresAt <= now || row.Epoch == earlyFromEpoch;
        if (isFree && _members.TryGetValue(node, out var member) && member.Member.Incarnation == incarnation && member.Member.State != MemberState.Down)
        {
            _leases[role] = new LeaseRow(node, incarnation, Math.Max(row.Epoch + 1, atLeastEpoch), now + ttl);
            return new LeaseAnswer(true, ViewOf(role, now));
        }

        return new LeaseAnswer(false, ViewOf(role, now));
    }

    private void Resign(string role, string node, long incarnation, long epoch)
    {
        if (_leases.TryGetValue(role, out var row) && row.Holder == node && row.Incarnation == incarnation && row.Epoch == epoch)
        {
            // The epoch stays: the next holder's is higher.
            _leases[role] = row with { Holder = "", ExpiresAt = DateTimeOffset.MinValue };
        }
    }

    private sealed class Lifeline(InProcessStore store) : ILifeline
    {
        public JoinAnswer Join(JoinRequest request)
        {
            lock (store._lock)
            {
                return store.Join(request);
            }
        }

        public HeartbeatAnswer Beat(Heartbeat heartbeat)
        {
            lock (store._lock)
            {
                return store.Beat(heartbeat);
            }
        }

        public LeaseAnswer Hold(string role, string node, long incarnation, TimeSpan ttl, long? earlyFromEpoch = null, long atLeastEpoch = 0)
        {
            lock (store._lock)
            {
                return store.Hold(role, node, incarnation, ttl, earlyFromEpoch, atLeastEpoch);
            }
        }

        public void Resign(string role, string node, long incarnation, long epoch)
        {
            lock (store._lock)
            {
                store.Resign(role, node, incarnation, epoch);
            }
        }

        public void Dispose()
        {
        }
    }
}
