using ScrapeCluster.Configuration;
using ScrapeCluster.Discovery;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Hosting;

/// <summary>The configuration in force, for parts that may have to ask for it again.</summary>
internal sealed record KeepConfig(PrometheusConfig Config);

/// <summary>
/// Gives a part that failed and was started anew what it has lost, so that a fault costs one message and not the node's work until
/// the next reload. <c>/user/config-keeper</c>.
/// </summary>
internal sealed class ConfigKeeperActor : ReceiveActor
{
    private readonly IActorRef _manager;
    private readonly IActorRef _discovery;
    private PrometheusConfig _config = PrometheusConfig.Empty;

    private ConfigKeeperActor(IActorRef manager, IActorRef discovery)
    {
        _manager = manager;
        _discovery = discovery;
        Receive<KeepConfig>(keep => _config = keep.Config);
        Receive<PoolsRestarted>(_ => _manager.Tell(new ResendPlans(), Self));
        Receive<DiscoveryRestarted>(_ => _discovery.Tell(ApplyDiscovery.Of(_config), Self));
        Receive<ManagerRestarted>(_ =>
        {
            _manager.Tell(new ApplyConfig(_config), Self);
            _discovery.Tell(new ResendTargetSets(), Self);
        });
        Receive<ConfigApplied>(_ =>
        {
            // The faults of this configuration were told when it was applied first.
        });
    }

    public static Props Props(IActorRef manager, IActorRef discovery) => Actors.Props.Create(() => new ConfigKeeperActor(manager, discovery));

    protected override void PreStart()
    {
        foreach (var restart in (Type[])[typeof(ManagerRestarted), typeof(PoolsRestarted), typeof(DiscoveryRestarted)])
        {
            Context.System.EventStream.Subscribe(Self, restart);
        }
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
