using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>From the host to a pool: all that it is to do from now on, how and what.</summary>
/// <param name="Seed">Shifts the phases of all targets of the slot.</param>
/// <param name="Replica">Goes onto every target; null when there is one slot only.</param>
internal sealed record PoolPlan(ScrapeConfig Config, SlotPlan Slot, ulong Seed, ReplicaLabel? Replica)
{
    /// <summary>The target with the labels that its samples get here.</summary>
    public ScrapeTarget Labelled(ScrapeTarget target)
    {
        if (Replica is null)
        {
            return target;
        }

        var labels = new LabelsBuilder();
        labels.Reset(target.Labels);
        labels.Set(Replica.Name, Replica.Value);
        return target with { Labels = labels.ToLabels() };
    }
}

/// <summary>The pool is over: scrapes in flight finish, no markers are written.</summary>
internal sealed record StopPool
{
    public static readonly StopPool Instance = new();
}

/// <summary>From a pool to its host: no target, no loop and nothing prepared is left here.</summary>
internal sealed record PoolIsEmpty
{
    public static readonly PoolIsEmpty Instance = new();
}

/// <summary>The name of a pool's actor, from which its job can be read again.</summary>
internal static class PoolName
{
    public static string Of(string job, int slot) => $"{Actors.ActorName.Escape(job)}@{slot}";

    public static string JobOf(string actorName) => Actors.ActorName.Unescape(actorName[..actorName.LastIndexOf('@')]);
}
