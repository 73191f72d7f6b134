using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Time;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>What this node thinks of its cluster. Most is read from the board when the page is asked for.</summary>
internal sealed class MembershipMetrics
{
    private static readonly (MemberState State, string Label)[] States =
        [(MemberState.Joining, "joining"), (MemberState.Up, "up"), (MemberState.Leaving, "leaving"), (MemberState.Down, "down")];

    public MembershipMetrics(ClusterContext context, EpochMark epochs)
    {
        var (metrics, board) = (context.Metrics, context.Board);
        metrics.Callback(MetricType.Gauge, "scrapecluster_cluster_members", "Members by state, as this node knows them.", ["state"],
            () => States.Select(state => new Observation(board.Current.Members.Count(member => member.State == state.State), state.Label)));
        metrics.GaugeCallback("scrapecluster_cluster_leader", "1 on the node that leads.", () => context.Leadership.EpochNow is null ? 0 : 1);
        metrics.GaugeCallback("scrapecluster_cluster_epoch", "The highest epoch of a leader that this node heard of.", () => epochs.Highest);
        metrics.GaugeCallback("scrapecluster_cluster_store_up", "1 while the coordination store answers.", () => board.Current.StoreFault is null ? 1 : 0);
        if (context.Time is ClusterTime time)
        {
            metrics.GaugeCallback("scrapecluster_cluster_clock_offset_seconds", "Cluster time less this machine's wall clock.", () => time.WallClockError.TotalSeconds);
        }

        StoreErrors = metrics.Counter("scrapecluster_cluster_store_errors_total", "Calls of the lifeline and of the reader that the coordination store did not answer.");
        Lateness = metrics.Gauge("scrapecluster_cluster_lifeline_lateness_seconds", "How much later than planned the last heartbeat began.");
    }

    public Counter StoreErrors { get; }

    public Gauge Lateness { get; }
}
