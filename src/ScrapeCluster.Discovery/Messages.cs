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
