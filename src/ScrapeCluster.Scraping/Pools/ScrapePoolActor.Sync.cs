using System.Globalization;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>Brings the loops to what the plan says.</summary>
internal sealed partial class ScrapePoolActor
{
    // Wanted, but the name is taken by a predecessor that is still stopping.
    private readonly HashSet<ulong> _blocked = [];
    private PoolPlan? _synced;

    private void Sync(bool keepsCache, bool reassign = false)
    {
        if (_stopping)
        {
            return;
        }

        // Other phases and other labels reach every loop, though the configuration of the job is the same.
        keepsCache &= _synced is null || _synced.Replica == _plan!.Replica;
        reassign |= _synced is not null && (_synced.Seed != _plan!.Seed || _synced.Replica != _plan.Replica);
        _synced = _plan;
        var wanted = new HashSet<ulong>(_plan!.Slot.Targets.Count);
        foreach (var (target, window) in _plan.Slot.Targets)
        {
            wanted.Add(target.Hash);
            Want(target, window, keepsCache, reassign);
        }

        foreach (var (hash, loop) in _loops)
        {
            if (loop.Target is not null && !wanted.Contains(hash))
            {
                loop.Target = null;
                loop.Tell(EndTarget.Instance, Self);
            }
        }

        foreach (var hash in _earlyLines.Keys.Where(hash => !wanted.Contains(hash)).ToArray())
        {
            _earlyLines.Remove(hash);
        }

        ShowTargets();
        SayEmptyWhenDone();
    }

    private void ShowTargets() => _board.Targets = [.. _loops.Values.Where(static loop => loop.Target is not null).Select(static loop => loop.Cell)];

    private void Want(ScrapeTarget target, TargetWindow window, bool keepsCache, bool reassign)
    {
        var known = _loops.GetValueOrDefault(target.Hash);
        if (known is { Target: { } present } && !reassign && known.ForcedFault == _plan!.Slot.ForcedFault && IsScrapedAlike(present, target))
        {
            Describe(known.Cell, _plan.Labelled(target));
            known.Target = target;
            if (known.Window != window)
            {
                known.Window = window;
                known.Tell(new SetWindow(window), Self);
            }

            return;
        }

        // The board shows a target that came back as a new one.
        var cell = known is { Target: not null } ? known.Cell : new TargetCell(_board.Job, _board.Slot, target.Hash);
        if ((known ?? StartLoop(target.Hash, cell)) is not { } loop)
        {
            return;
        }

        var labelled = _plan!.Labelled(target);
        Describe(cell, labelled);
        _loops[target.Hash] = loop;
        loop.Cell = cell;
        loop.Target = target;
        loop.ForcedFault = _plan.Slot.ForcedFault;
        loop.Window = window;
        loop.ReleaseOrder = 0;
        var failureLog = _context.Node.FailureLogs.For(_applied!.Config.ScrapeFailureLogFile);
        loop.Tell(
            new AssignTarget(labelled, _applied.Rules, _applied.Fetchers.For(labelled), cell, window, _plan.Seed, loop.ForcedFault, keepsCache, failureLog, KeyOf(target)), Self);
        if (_earlyLines.Remove(target.Hash, out var lines))
        {
            loop.Tell(new AdoptSeries(lines), Self);
        }
    }

    private ulong? KeyOf(ScrapeTarget target) =>
        _plan!.Replica is null || _context.Node.Witness is not { } witness ? null : TargetKey.Of(target.Labels, witness.ReplicaLabel);

    /// <summary>The hash covers labels and URL; these are what it does not cover.</summary>
    private static bool IsScrapedAlike(ScrapeTarget one, ScrapeTarget other)
    {
        return one.Interval == other.Interval && one.Timeout == other.Timeout && one.UnixSocket == other.UnixSocket;
    }

    private static void Describe(TargetCell cell, ScrapeTarget target)
    {
        cell.Describe(new TargetDescription(target.Labels, target.DiscoveredLabels, target.Url, target.Interval, target.Timeout));
    }

    /// <summary>Null while a predecessor of the same name is still stopping: its end brings us back here.</summary>
    private PoolLoop? StartLoop(ulong hash, TargetCell cell)
    {
        var name = hash.ToString("x16", CultureInfo.InvariantCulture);
        if (!Context.Child(name).IsNobody())
        {
            _blocked.Add(hash);
            return null;
        }

        var context = new LoopContext(_context.Node, _context.Metrics, _context.Bodies, _families, _logger);
        return new PoolLoop(Context.Watch(Context.ActorOf(ScrapeLoopActor.Props(hash, context), name))) { Cell = cell };
    }

    private void RemoveIdle(LoopIdle idle)
    {
        // The target may have come back since the loop said so.
        if (_loops.TryGetValue(idle.TargetHash, out var loop) && (_stopping || loop.Target is null) && loop.IsLast(idle.Order))
        {
            _loops.Remove(idle.TargetHash);
            Context.Stop(loop.Actor);
            Lose(idle.TargetHash);
            StopWhenEmpty();
        }
    }

    private void TakeEnd(IActorRef actor)
    {
        var hash = ulong.Parse(actor.Path.Name, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var isMissing = _blocked.Remove(hash);
        if (_loops.TryGetValue(hash, out var loop) && loop.Actor.Equals(actor))
        {
            LogLoopFailed(_board.Job, loop.Target?.Url ?? "");
            _loops.Remove(hash);
            Lose(hash);
            isMissing = true;
        }

        if (isMissing && _applied is not null && !_stopping)
        {
            Sync(keepsCache: true);
        }

        StopWhenEmpty();
    }
}
