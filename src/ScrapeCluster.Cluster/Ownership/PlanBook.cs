using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>A slot of a job: what one pool of the node is for.</summary>
internal readonly record struct PoolKey(string Job, int Slot)
{
    public static PoolKey Of(SlotKey slot) => new(slot.Bucket.Job, slot.Slot);
}

/// <summary>One bucket of a plan.</summary>
internal readonly record struct PlanPart(TargetSet Set, TargetWindow Window);

/// <summary>The plans that the pools were told last, and what is new in the next.</summary>
internal sealed class PlanBook
{
    private readonly Dictionary<PoolKey, (List<PlanPart> Parts, SlotPlan Plan)> _told = [];

    public IReadOnlyCollection<PoolKey> Pools => _told.Keys;

    /// <summary>Null when the pool knows it already. No part at all: the slot is over here, and the pool gets an empty plan once.</summary>
    /// <param name="parts">Of distinct buckets of one count, so no target is in two.</param>
    public SlotPlan? Next(PoolKey pool, List<PlanPart> parts, bool isReplicated)
    {
        var isKnown = _told.TryGetValue(pool, out var told);
        if (isKnown ? told.Plan.IsReplicated == isReplicated && told.Parts.SequenceEqual(parts) : parts.Count == 0)
        {
            return null;
        }

        var plan = Write(pool, parts) with { IsReplicated = isReplicated };
        if (parts.Count == 0)
        {
            _told.Remove(pool);
            return plan;
        }

        _told[pool] = (parts, plan);
        return isKnown && IsSame(told.Plan, plan) ? null : plan;
    }

    /// <summary>The pools know nothing any more.</summary>
    public void Forget() => _told.Clear();

    private static SlotPlan Write(PoolKey pool, List<PlanPart> parts)
    {
        var targets = new PlannedTarget[parts.Sum(part => part.Set.Targets.Count)];
        var next = 0;
        foreach (var part in parts)
        {
            foreach (var target in part.Set.Targets)
            {
                targets[next++] = new PlannedTarget(target, part.Window);
            }
        }

        // The order of no bucket count, so that a split gives an equal plan.
        Array.Sort(targets, static (one, other) => one.Target.Hash.CompareTo(other.Target.Hash));
        return new SlotPlan(pool.Job, pool.Slot, targets, parts.Select(part => part.Set.ForcedFault).FirstOrDefault(fault => fault is not null));
    }

    private static bool IsSame(SlotPlan one, SlotPlan other) => one.ForcedFault == other.ForcedFault && one.IsReplicated == other.IsReplicated && one.Targets.SequenceEqual(other.Targets);
}
