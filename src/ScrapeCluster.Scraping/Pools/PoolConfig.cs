using ScrapeCluster.Configuration;

namespace ScrapeCluster.Scraping;

/// <summary>
/// To <see cref="PoolHostActor"/>: the configuration in force on this node, from which each pool takes how it scrapes. What it scrapes comes as
/// <see cref="Model.SlotPlan"/>; either may come first. Answered by <see cref="PoolConfigApplied"/>.
/// </summary>
/// <param name="Replicas">For plans that say that their targets have several slots.</param>
public sealed record ApplyPoolConfig(PrometheusConfig Config, ReplicaNaming? Replicas = null);

/// <param name="Failures">What of the configuration this node cannot do, such as a file that cannot be opened. All else is in force.</param>
public sealed record PoolConfigApplied(IReadOnlyList<string> Failures);

/// <summary>How the samples of a target's replicas are told apart: <paramref name="Label"/> gets the prefix and the number of the slot.</summary>
public sealed record ReplicaNaming(string Label, string Prefix)
{
    internal ReplicaLabel Of(int slot) => new(Label, $"{Prefix}{slot}");
}

internal sealed record ReplicaLabel(string Name, string Value);
