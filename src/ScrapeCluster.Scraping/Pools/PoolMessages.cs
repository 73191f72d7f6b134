using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>From the manager to the nodes: all that a bucket of a job is to do from now on. Targets are relabelled, checked and unique by hash already.</summary>
/// <param name="Seed">Shifts the phases of all targets of the cluster.</param>
/// <param name="ForcedFault">Fails every scrape of the pool without HTTP; null normally.</param>
internal sealed record PoolPlan(ScrapeConfig Config, int Bucket, IReadOnlyList<ScrapeTarget> Targets, ulong Seed, string? ForcedFault)
{
    public string Job => Config.JobName;

    public string ActorName => PoolName.Of(Job, Bucket);
}

/// <summary>The job is gone: scrapes in flight finish, no markers are written.</summary>
internal sealed record StopPool(string Job, int Bucket);

/// <summary>The name of a pool's actor, from which its job can be read again.</summary>
internal static class PoolName
{
    public static string Of(string job, int bucket) => $"{Actors.ActorName.Escape(job)}@{bucket}";

    public static string JobOf(string actorName) => Actors.ActorName.Unescape(actorName[..actorName.LastIndexOf('@')]);
}
