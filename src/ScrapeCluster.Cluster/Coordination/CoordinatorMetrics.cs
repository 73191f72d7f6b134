using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>What the leader counts. The gauges are empty on every other node, so that a sum over all nodes is the cluster's.</summary>
internal sealed class CoordinatorMetrics
{
    private readonly MetricFamily<Counter> _moves;
    private readonly MetricFamily<Counter> _commits;

    public CoordinatorMetrics(MetricsRegistry registry, ClusterBoard board)
    {
        _moves = registry.Counters("scrapecluster_cluster_moves_total", "Planned moves of slots that were committed.", "reason");
        _commits = registry.Counters("scrapecluster_cluster_commits_total", "Decisions of the leader by what became of them.", "outcome");
        BegunLate = registry.Counter(
            "scrapecluster_cluster_moves_despite_lag_total", "Moves from leaving nodes that began although remote write there was behind, as half of the drain's time had passed.");
        Gauge(registry, board, "scrapecluster_cluster_unplaced_slots", "Slots that no node scrapes, or that a leaving node cannot hand over.", leader => leader.LastPlan?.Unplaced.Count ?? 0);
        Gauge(registry, board, "scrapecluster_cluster_buckets", "Buckets of all jobs.", leader => leader.Loads.Count);
        Gauge(registry, board, "scrapecluster_cluster_load_max_over_average", "Load of the most loaded node by the average of all.", leader => leader.LastPlan?.MaxOverAverage ?? 0);
    }

    public Counter BegunLate { get; }

    public void Moved(IEnumerable<SlotMove> moves)
    {
        foreach (var group in moves.GroupBy(move => move.Reason))
        {
            _moves.With(RowReasons.Of(group.Key)).Add(group.Count());
        }
    }

    /// <param name="outcome">Null when nobody knows.</param>
    public void Committed(CommitOutcome? outcome) => _commits.With(outcome switch
    {
        CommitOutcome.Committed => "committed",
        CommitOutcome.Fenced => "fenced",
        CommitOutcome.Overtaken => "overtaken",
        _ => "unknown",
    }).Inc();

    private static void Gauge(MetricsRegistry registry, ClusterBoard board, string name, string help, Func<LeaderPicture, double> read) =>
        registry.Callback(MetricType.Gauge, name, help, [], () => board.Leader is { } leader ? [new Observation(read(leader))] : []);
}
