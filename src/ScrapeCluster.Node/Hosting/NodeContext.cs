using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Receiving;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.Scraping;
using ScrapeCluster.Storage;

namespace ScrapeCluster.Node.Hosting;

/// <summary>What the HTTP endpoints and the page read. All of it may be used from any thread.</summary>
internal sealed record NodeContext
{
    public required DateTimeOffset StartTime { get; init; }

    public required TimeProvider Time { get; init; }

    public required NodeSettings Settings { get; init; }

    /// <summary>Every flag of the node with its value in force.</summary>
    public required IReadOnlyDictionary<string, string> Flags { get; init; }

    /// <summary>How others reach this node, without a trailing slash in its path.</summary>
    public required Uri ExternalUrl { get; init; }

    public required MetricsRegistry Metrics { get; init; }

    public required ConfigState Config { get; init; }

    /// <summary>Locked from the start on; its query sees what has been replayed so far.</summary>
    public required INodeStorage Storage { get; init; }

    public required ScrapeBoard Board { get; init; }

    public required Readiness Readiness { get; init; }

    /// <summary>Reads the configuration again and applies it. Null when it was applied, else why not.</summary>
    public required Func<CancellationToken, Task<string?>> Reload { get; init; }

    /// <summary>The actor at a path and all below it; null where there is none.</summary>
    public required Func<string, ActorStatistics?> InspectActors { get; init; }

    /// <summary>How the remote write queues do; null where none can run.</summary>
    public QueueStates? RemoteWrites { get; init; }

    /// <summary>The way into the storage for samples that others send; null where nothing is taken.</summary>
    public SampleIntake? Intake { get; init; }

    /// <summary>Null where a node is put together without a cluster: it then answers for itself alone.</summary>
    public ClusterAccess? Cluster { get; init; }

    /// <summary>What admin requests must show; null: they are refused, since nothing is configured to know them by.</summary>
    public AdminToken? AdminToken { get; init; }

    /// <summary>Stops the node in order. Set by the web server that it ends with.</summary>
    public Action Stop { get; init; } = () => { };

    /// <summary>The path in front of this node's own ones under its external URL: empty, or such as <c>/scrapecluster</c>.</summary>
    public string PathPrefix => ExternalUrl.AbsolutePath.TrimEnd('/');
}
