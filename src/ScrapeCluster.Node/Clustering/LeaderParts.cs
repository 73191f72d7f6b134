using ScrapeCluster.Configuration;

namespace ScrapeCluster.Node.Clustering;

/// <summary>How the actors are made that only the leader has.</summary>
/// <param name="Coordinator">For an epoch.</param>
/// <param name="Manager">From the coordinator.</param>
/// <param name="Discovery">From the manager.</param>
internal sealed record LeaderParts(Func<long, Props> Coordinator, Func<IActorRef, Props> Manager, Func<IActorRef, Props> Discovery);

/// <summary>To <see cref="LeadershipActor"/>: the configuration in force. Answered by <see cref="LeaderConfigApplied"/>, at once unless this node leads.</summary>
internal sealed record ApplyLeaderConfig(PrometheusConfig Config);

/// <param name="Failures">Of the jobs that cannot take the configuration; empty on a node that does not lead.</param>
internal sealed record LeaderConfigApplied(IReadOnlyList<string> Failures);

/// <summary>To <see cref="LeadershipActor"/>: the node stops. The leader's actors end, and it with them.</summary>
internal sealed record EndLeadership;
