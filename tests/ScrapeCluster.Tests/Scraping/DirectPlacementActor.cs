using ScrapeCluster.Cluster.Ownership;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Stands for coordinator and ownership: gives all targets to these pools.</summary>
internal sealed class DirectPlacementActor : ReceiveActor
{
    private readonly IActorRef _pools;
    private readonly Dictionary<string, SlotPlan> _plans = new(StringComparer.Ordinal);

    private DirectPlacementActor(IActorRef pools)
    {
        _pools = pools;
        Receive<JobTargets>(Plan);
        Receive<JobsConfigured>(EndOthers);
        Receive<ResendSlotPlans>(_ =>
        {
            foreach (var plan in _plans.Values)
            {
                _pools.Tell(plan, Self);
            }
        });
    }

    public static Props Props(IActorRef pools) => ScrapeCluster.Actors.Props.Create(() => new DirectPlacementActor(pools));

    private void Plan(JobTargets job)
    {
        var plan = new SlotPlan(job.Job, 0, [.. job.Targets.Select(static target => new PlannedTarget(target, TargetWindow.Always))], job.ForcedFault);
        _plans[job.Job] = plan;
        _pools.Tell(plan, Self);
    }

    private void EndOthers(JobsConfigured configured)
    {
        foreach (var job in _plans.Keys.Except(configured.Jobs).ToArray())
        {
            _plans.Remove(job);
            _pools.Tell(new SlotPlan(job, 0, [], null), Self);
        }
    }
}
