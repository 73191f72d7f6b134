using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>Labels are methods that this version knows and a few words; never the peer, of which there may be many.</summary>
internal sealed class PeerMetrics(MetricsRegistry registry)
{
    public MetricFamily<Counter> Requests { get; } = registry.Counters(
        "scrapecluster_peer_requests_total", "Calls and streams to other nodes that have ended, by how.", "method", "outcome");

    public MetricFamily<Counter> Answers { get; } = registry.Counters(
        "scrapecluster_peer_answers_total", "Calls and streams of other nodes that were answered, by how they ended.", "method", "outcome");

    public MetricFamily<Counter> Refused { get; } = registry.Counters(
        "scrapecluster_peer_refused_total", "Calls that were not answered: secret = no or a wrong proof, other_node = meant for another node or cluster.", "reason");
}
