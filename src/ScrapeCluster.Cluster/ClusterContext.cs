using Microsoft.Extensions.Logging;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Sending;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Cluster;

/// <summary>All that the actors of the cluster need from the node they run on.</summary>
public sealed record ClusterContext
{
    public required ClusterTerms Terms { get; init; }

    public required ICoordinationStore Store { get; init; }

    public required IPeers Peers { get; init; }

    public required IPeerRoutes Routes { get; init; }

    /// <summary>Cluster time; without a database the wall clock.</summary>
    public required TimeProvider Time { get; init; }

    public required ClusterBoard Board { get; init; }

    /// <summary>What this node scrapes; OwnershipActor fills it.</summary>
    public OwnershipBoard Ownership { get; init; } = new();

    /// <summary>Whether this node leads right now; asked before every commit and command.</summary>
    public Leadership Leadership { get; init; } = new();

    public required IScrapeGauge Scraping { get; init; }

    /// <summary>This node's remote write.</summary>
    public ISending Sending { get; init; } = NoSending.Instance;

    /// <summary>The configuration that this node runs, for its heartbeat.</summary>
    public Func<AppliedConfig> Config { get; init; } = static () => AppliedConfig.None;

    /// <summary>Where the last assignment is kept for a start without a database; null: it is not kept, as on a node that is alone.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Ends the process at once, with this reason in its log: it only seems to live, and others can do its work.</summary>
    public required Action<string> EndProcess { get; init; }

    public required MetricsRegistry Metrics { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}

/// <param name="Version">Of the cluster's configuration; 0 = none yet.</param>
/// <param name="Hash">Of the local files, by which drift is seen.</param>
public readonly record struct AppliedConfig(long Version, string Hash)
{
    public static readonly AppliedConfig None = new(0, "");
}
