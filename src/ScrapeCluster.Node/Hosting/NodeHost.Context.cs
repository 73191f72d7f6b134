using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Node.Receiving;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.Storage;

namespace ScrapeCluster.Node.Hosting;

/// <summary>What the endpoints are given of the node.</summary>
internal sealed partial class NodeHost
{
    private const string KeptConfigFile = "cluster-config";

    private NodeContext Context(INodeStorage storage, NodeCluster cluster) => new()
    {
        StartTime = _time.GetUtcNow(),
        Time = cluster.Time,
        Settings = _settings,
        Flags = _start.EffectiveFlags,
        ExternalUrl = ExternalUrl(_settings),
        Metrics = _metrics,
        Config = _config,
        Storage = storage,
        Board = _board,
        Readiness = _readiness,
        Reload = cancellation => _clusterConfig!.ReloadAsync(cancellation),
        RemoteWrites = RemoteWrites(storage),
        Intake = new SampleIntake(_batches, batch => Running.AppendAsync(batch)),
        InspectActors = path => _actors?.Inspect(path),
        Cluster = Access(cluster, new PlanAnswers((question, cancellation) => Running.AskCoordinatorAsync(question, cancellation))),
        AdminToken = cluster.AdminToken,
    };

    private QueueStates RemoteWrites(INodeStorage storage)
    {
        var states = new QueueStates(_sent, _owed, storage);
        states.Register(_metrics);
        return states;
    }

    private ClusterAccess Access(NodeCluster cluster, PlanAnswers plans) => new()
    {
        Terms = cluster.Context.Terms,
        Board = cluster.Context.Board,
        Peers = cluster.Context.Peers,
        Routes = cluster.Context.Routes,
        Store = cluster.Context.Store,
        ReplicaLabel = () => cluster.Context.Board.Current.HasReplicas ? _settings.Cluster.ReplicaLabel : "",
        ClockOffset = () => cluster.ClockOffset,
        ConfigDrift = () => _clusterConfig?.Current is { IsDrifted: true } config ? $"version {config.Version} of the cluster, published by {config.PublishedBy}" : null,
        Plan = plans.PlanAsync,
        Rebalance = plans.RebalanceAsync,
        Release = plans.ReleaseAsync,
        Leave = (order, cancellation) => Running.LeaveAsync(order, cancellation),
    };

    private ClusterConfigOptions ConfigOptions(NodeCluster cluster) => new()
    {
        Cluster = _settings.Cluster.Name,
        Node = _settings.Cluster.NodeName,
        Secret = cluster.Secret,
        Store = cluster.Context.Store,
        Loader = _loader,
        Apply = _reloader.ApplyAsync,
        Refused = fault => _reloader.Fail(fault),
        KeptFile = cluster.IsAlone ? null : Path.Combine(_settings.Storage.Path, KeptConfigFile),
        Time = cluster.Time,
        Metrics = _metrics,
        Log = _loggers.CreateLogger<ClusterConfig>(),
    };

    private IReadOnlyCollection<SlotKey> Owned() =>
        [.. _cluster!.Context.Board.Current.Assignments.Values.Where(row => row.Owner == _cluster.Context.Terms.Node).Select(row => row.Slot)];

    private NodeActors Running => _actors ?? throw new InvalidOperationException("it is still starting");

    private static Uri ExternalUrl(NodeSettings settings)
    {
        if (settings.Web.ExternalUrl is { } given)
        {
            return given;
        }

        var listen = settings.Web.ListenAddress;
        var host = listen.IsAny || listen.Host is "0.0.0.0" or "::" ? Environment.MachineName : listen.Host;
        return new Uri($"http://{new ListenAddress(host, listen.Port)}/");
    }
}
