using ScrapeCluster.Cluster.Ownership;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Clustering;

/// <summary>The configuration in force, for pools that may have to ask for it again.</summary>
internal sealed record KeepConfig(ApplyPoolConfig Config);

/// <summary>
/// Gives the pools of this node, when they failed and were started anew, what they have lost, so that a fault costs one message and not the node's work until
/// the next reload. <see cref="LeadershipActor"/> does so for the parts of the leader. <c>/user/config-keeper</c>.
/// </summary>
internal sealed class ConfigKeeperActor : ReceiveActor
{
    private ApplyPoolConfig? _config;

    private ConfigKeeperActor(IActorRef pools, IActorRef ownership)
    {
        Receive<KeepConfig>(keep => _config = keep.Config);
        Receive<PoolsRestarted>(_ =>
        {
            if (_config is not null)
            {
                pools.Tell(_config, Self);
            }

            ownership.Tell(new ResendSlotPlans(), Self);
        });

        // The faults of this configuration were told when it was applied first.
        Receive<PoolConfigApplied>(static _ => { });
    }

    public static Props Props(IActorRef pools, IActorRef ownership) => Actors.Props.Create(() => new ConfigKeeperActor(pools, ownership));

    protected override void PreStart() => Context.System.EventStream.Subscribe<PoolsRestarted>(Self);

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
