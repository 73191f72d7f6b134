using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Reload;

namespace ScrapeCluster.Node.Clustering;

/// <summary>What <see cref="ClusterConfig"/> needs from the node it runs on.</summary>
internal sealed record ClusterConfigOptions
{
    public required string Cluster { get; init; }

    public required string Node { get; init; }

    /// <summary>On a node that is alone, <see cref="ClusterSecret.Random"/>.</summary>
    public required ClusterSecret Secret { get; init; }

    public required ICoordinationStore Store { get; init; }

    public required ConfigLoader Loader { get; init; }

    /// <summary>Puts a configuration in force. It is in force also when a part of it failed, which the answer then names.</summary>
    public required Func<PrometheusConfig, Task<string?>> Apply { get; init; }

    /// <summary>Told why what was to be loaded is not in force.</summary>
    public required Action<string> Refused { get; init; }

    /// <summary>Where the version in force is kept, sealed, for a start without the database; null: nowhere, as on a node that is alone.</summary>
    public string? KeptFile { get; init; }

    public required TimeProvider Time { get; init; }

    public required MetricsRegistry Metrics { get; init; }

    public required ILogger<ClusterConfig> Log { get; init; }
}

/// <summary>The cluster's configuration as this node runs it; replaced whole.</summary>
/// <param name="Version">0: none yet, or this node's own while there was no database to ask.</param>
/// <param name="Hash">Of what runs.</param>
/// <param name="PublishedBy">Empty when it was read from the kept file, and with it the time.</param>
/// <param name="OwnHash">Of this node's own files; empty when they cannot be read, or there are none.</param>
/// <param name="Fault">Why a newer version is not in force here, or a part of this one; null when all is well.</param>
internal sealed record ClusterConfigPicture(long Version, string Hash, string OwnHash, string PublishedBy, DateTimeOffset PublishedAt, bool IsDrifted, string? Fault)
{
    public static readonly ClusterConfigPicture None = new(0, "", "", "", default, false, null);
}
