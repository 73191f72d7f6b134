using ScrapeCluster.Configuration;

namespace ScrapeCluster.Discovery;

/// <summary>
/// To <see cref="DiscoveryActor"/>: the discovery of every job from now on. Entries that were there before keep running; the
/// receiver of target sets hears at once of the jobs whose set is known, of the others when each of their entries has answered.
/// </summary>
public sealed record ApplyDiscovery(IReadOnlyDictionary<string, IReadOnlyList<SdConfig>> Jobs)
{
    public static ApplyDiscovery Of(PrometheusConfig config) =>
        new(config.ScrapeConfigs.ToDictionary(static job => job.JobName, static IReadOnlyList<SdConfig> (job) => job.ServiceDiscovery, StringComparer.Ordinal));
}

/// <summary>To <see cref="DiscoveryActor"/>: tell the receiver everything that is known once more, since it lost it.</summary>
public sealed record ResendTargetSets;

/// <summary>On the event stream: discovery failed and started anew, without its configuration.</summary>
public sealed record DiscoveryRestarted;
