using System.Globalization;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>Brings the loops to what the plan says.</summary>
internal sealed partial class ScrapePoolActor
{
    private void Sync(bool keepsCache, bool reassign = false)
    {
        if (_stopping)
        {
            return;
        }

        var wanted = new HashSet<ulong>(_plan!.Targets.Count);
        foreach (var target in _plan.Targets)
        {
            wanted.Add(target.Hash);
            Want(target, keepsCache, reassign);
        }

        foreach (var (hash, loop) in _loops)
        {
            if (loop.Target is not null && !wanted.Contains(hash))
            {
                _loops[hash] = loop with { Target = null };
                loop.Actor.Tell(EndTarget.Instance);
            }
        }

        _board.Targets = [.. _loops.Values.Where(static loop => loop.Target is not null).Select(static loop => loop.Cell)];
    }

    private void Want(ScrapeTarget target, bool keepsCache, bool reassign)
    {
        var known = _loops.GetValueOrDefault(target.Hash);
        if (known is { Target: { } present } && !reassign && known.ForcedFault == _plan!.ForcedFault && IsScrapedAlike(present, target))
        {
            Describe(known.Cell, target);
            _loops[target.Hash] = known with { Target = target };
            return;
        }

        var actor = known?.Actor ?? StartLoop(target.Hash);
        if (actor is null)
        {
            return;
        }

        // The board shows a target that came back as a new one.
        var cell = known is { Target: not null } ? known.Cell : new TargetCell(_board.Job, _board.Bucket, target.Hash);
        Describe(cell, target);
        _loops[target.Hash] = new Loop(actor, cell, target, _plan!.ForcedFault);
        var failureLog = _context.Node.FailureLogs.For(_applied!.Config.ScrapeFailureLogFile);
        actor.Tell(new AssignTarget(target, _applied.Rules, _applied.Fetchers.For(target), cell, _plan.ForcedFault, keepsCache, failureLog));
    }

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
    private IActorRef? StartLoop(ulong hash)
    {
        var name = hash.ToString("x16", CultureInfo.InvariantCulture);
        if (!Context.Child(name).IsNobody())
        {
            return null;
        }

        var context = new LoopContext(_context.Node, _context.Metrics, _context.Bodies, _families, _plan!.Seed, _logger);
        return Context.Watch(Context.ActorOf(ScrapeLoopActor.Props(hash, context), name));
    }

    private void RemoveIdle(ulong hash)
    {
        // The target may have come back since the loop said so.
        if (_loops.TryGetValue(hash, out var loop) && (_stopping || loop.Target is null))
        {
            _loops.Remove(hash);
            Context.Stop(loop.Actor);
            StopWhenEmpty();
        }
    }

    private void TakeEnd(IActorRef actor)
    {
        var hash = ulong.Parse(actor.Path.Name, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (_loops.TryGetValue(hash, out var loop) && loop.Actor.Equals(actor))
        {
            LogLoopFailed(_board.Job, loop.Target?.Url ?? "");
            _loops.Remove(hash);
        }

        if (_applied is not null && !_stopping)
        {
            Sync(keepsCache: true);
        }

        StopWhenEmpty();
    }
}
