using ScrapeCluster.Configuration;

namespace ScrapeCluster.Discovery.Static;

/// <summary>Tells the groups that stand in the configuration itself.</summary>
internal sealed class StaticProvider(StaticSdConfig config) : UntypedActor
{
    public static Props Props(StaticSdConfig config) => Actors.Props.Create(() => new StaticProvider(config));

    protected override void PreStart() => Context.Parent.Tell(new ProviderUpdate(config.Groups), Self);

    protected override void OnReceive(object message) => Unhandled(message);
}
