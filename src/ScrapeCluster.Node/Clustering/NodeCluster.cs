using System.Text;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Cluster.Store.Postgres;
using ScrapeCluster.Cluster.Time;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Peers;

namespace ScrapeCluster.Node.Clustering;

/// <summary>
/// What a node has of its cluster beside the actors: the store, cluster time and the way to its peers. Without a database all of it is in this process, and
/// everything above it is the same.
/// </summary>
internal sealed class NodeCluster : IAsyncDisposable
{
    private readonly NodeSettings _settings;
    private readonly MetricsRegistry _metrics;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _machineTime;
    private readonly PostgresStore? _postgres;
    private readonly PeerTerms _peerTerms;
    private readonly PeerRoutes _routes = new();
    private readonly PeerClient _peers;
    private readonly CancellationTokenSource _ended = new();
    private PeerServer? _listener;
    private Task _preparation = Task.CompletedTask;

    public NodeCluster(
        NodeSettings settings,
        string dataId,
        Uri api,
        IScrapeGauge scraping,
        MetricsRegistry metrics,
        ILoggerFactory loggers,
        TimeProvider time,
        Func<AppliedConfig> config,
        Action<string> endProcess)
    {
        _settings = settings;
        _metrics = metrics;
        _loggers = loggers;
        _machineTime = time;
        var database = ClusterWiring.DatabaseOf(settings.Cluster);
        var secret = ClusterWiring.SecretOf(settings.Cluster, out _);
        var board = new ClusterBoard();
        _postgres = database is null ? null : new PostgresStore(database);
        Time = database is null ? time : new ClusterTime(ShiftedTime.Of(time, settings.Cluster.ClockOffset));
        Secret = secret is null ? ClusterSecret.Random() : new ClusterSecret(secret.Reveal());
        _peerTerms = new PeerTerms
        {
            Cluster = settings.Cluster.Name,
            Node = settings.Cluster.NodeName,
            Secret = Secret,
            ClusterNow = () => board.Current.ReadAt is null ? null : Time.GetUtcNow(),
        };
        _peers = new PeerClient(_peerTerms, metrics);
        AdminToken = secret is null ? null : AdminToken.FromSecret(Encoding.UTF8.GetBytes(secret.Reveal()));
        Context = new ClusterContext
        {
            Terms = ClusterWiring.TermsOf(settings.Cluster, dataId, api),
            Store = (ICoordinationStore?)_postgres ?? new InProcessStore(time),
            Peers = _peers,
            Routes = _routes,
            Time = Time,
            Board = board,
            Scraping = scraping,
            Sending = Sending,
            Config = config,
            DataDirectory = database is null ? null : settings.Storage.Path,
            EndProcess = endProcess,
            Metrics = metrics,
            Loggers = loggers,
        };
    }

    /// <summary>No other node can be there.</summary>
    public bool IsAlone => _postgres is null;

    /// <summary>What all nodes share: plans and timestamps follow it.</summary>
    public TimeProvider Time { get; }

    public ClusterContext Context { get; }

    public NodeSending Sending { get; } = new();

    public ClusterSecret Secret { get; }

    /// <summary>Null where there is no secret to know an operator by.</summary>
    public AdminToken? AdminToken { get; }

    /// <summary>Cluster time less the machine's own.</summary>
    public TimeSpan ClockOffset => Time is ClusterTime time ? time.WallClockError : TimeSpan.Zero;

    /// <summary>
    /// Listens for peers and goes to the database. Not before the log is replayed: whoever finds this node listening counts on it. Null, or why the node cannot
    /// start; a database that does not answer is no reason.
    /// </summary>
    public async Task<string?> TryStartAsync(CancellationToken cancellation)
    {
        if (_postgres is null)
        {
            return null;
        }

        var handler = new PeerHandler(_peerTerms, _routes, Time, _metrics, _loggers.CreateLogger<PeerHandler>());
        _listener = new PeerServer(handler, _settings.Cluster.ListenAddress, _loggers);
        if (await _listener.TryStartAsync(cancellation) is { } fault)
        {
            return fault;
        }

        var log = _loggers.CreateLogger<NodeCluster>();
        log.PeersListening(_listener.Address.ToString(), Context.Terms.Address);
        var preparation = new StorePreparation(_postgres.PrepareAsync, _machineTime, log);
        _preparation = preparation.RunAsync(_ended.Token);
        await preparation.FirstTried;
        return null;
    }

    /// <summary>After the actors: they speak until their end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _preparation;
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        _peers.Dispose();
        await Context.Store.DisposeAsync();
        _ended.Dispose();
    }
}
