using Npgsql;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing.Exporter;
using ScrapeCluster.Testing.Faults;
using ScrapeCluster.Testing.Postgres;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>
/// Nodes in processes and network namespaces of their own, a PostgreSQL of their own, and targets that record every scrape. What happened is read from that
/// record and from the store, past all nodes.
/// </summary>
internal sealed partial class TestCluster : IAsyncDisposable
{
    public const string Secret = "a secret of the fault tests";
    public const string PassingName = "passing_series";
    private const string Name = "faults";
    private const int ApiPort = 9095;
    private const int PeerPort = 9096;
    private readonly TestFolder _folder = new();
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly Dictionary<string, ClusterNode> _nodes = new(StringComparer.Ordinal);

    private TestCluster(ClusterShape shape)
    {
        Shape = shape;
        Networks = new NodeNetworks();
        Database = PrivatePostgres.TryStart(Networks.HostAddress(NodeLink.Database), Networks.Subnet(NodeLink.Database))!;
        Exporter = new RecordingExporter(Networks.HostAddress(NodeLink.Targets));
        Targets = [.. TargetSizes.HeavyTailed(shape.Targets).Select((series, i) => Exporter.Add($"t{i:000}", series))];
        foreach (var target in Targets)
        {
            target.Expose(PassingLine(target));
        }

        Written = new OrderReceiver(Networks.HostAddress(NodeLink.Targets).ToString());
        _owned.Add(Written);
        Recorder = new RecordingReceiver(Networks.HostAddress(NodeLink.Targets));
        _owned.Add(Recorder);
        Files = new ClusterFiles(_folder, shape, FaultTerms.Current, Exporter.Address, Written.Url, Recorder.Url, Targets.Select(target => target.Record.Name));
        Store = new StoreWatch(NpgsqlDataSource.Create(Database.ConnectionString), Name);
        Judge = new ScrapeJudge([.. Targets.Select(target => target.Record)], shape.Interval);
    }

    public ClusterShape Shape { get; }

    public NodeNetworks Networks { get; }

    public PrivatePostgres Database { get; }

    /// <summary>Before the database, when the shape says so.</summary>
    public FaultyLink? DatabaseLink { get; private set; }

    public RecordingExporter Exporter { get; }

    /// <summary>All of the watched file at first.</summary>
    public IReadOnlyList<ExporterTarget> Targets { get; }

    public ClusterFiles Files { get; }

    public StoreWatch Store { get; }

    /// <summary>What remote write of all nodes sends: the series <c>up</c> of each target of the watched file.</summary>
    public OrderReceiver Written { get; }

    /// <summary>What the queues <see cref="ClusterFiles.InOrderQueue"/> and <see cref="ClusterFiles.LateQueue"/> of all nodes send, each to the path of its name.</summary>
    public RecordingReceiver Recorder { get; }

    /// <summary>Of <see cref="Targets"/>.</summary>
    public ScrapeJudge Judge { get; }

    public SmallDisk? Disk { get; private set; }

    public TimeSpan Now => Exporter.Now;

    public IReadOnlyList<string> Names => Shape.Nodes;

    public ClusterNode this[string node] => _nodes[node];

    /// <summary>A series that a test may let vanish: every target has it from the start, so that heirs know of it.</summary>
    public static string PassingLine(ExporterTarget target) => $"{PassingName}{{of=\"{target.Record.Name}\"}} 1";

    /// <summary>Why there can be no such cluster here; null when there can.</summary>
    public static string? Missing()
    {
        return NodeNetworks.Missing() ?? (PrivatePostgres.IsInstalled ? null : "PostgreSQL is not installed; scripts/test.sh installs it");
    }

    /// <summary>All nodes started, all targets scraped, nothing moving.</summary>
    public static async Task<TestCluster> StartAsync(ClusterShape shape)
    {
        var cluster = new TestCluster(shape);
        try
        {
            await cluster.PrepareAsync();
            await cluster.BeWholeAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A process beside the members: with a name of theirs or of its own, not part of what <see cref="BeWholeAsync"/> starts.</summary>
    public ClusterNode AddStranger(string space, string nodeName, string secret = Secret)
    {
        if (!_nodes.TryGetValue(space, out var node))
        {
            Networks.Add(space);
            node = Make(space, nodeName, _folder.Sub(space), secret);
            _nodes.Add(space, node);
        }

        return node;
    }

    public string NameAt(string address) => _nodes.Values.First(node => node.Address == address).Name;

    public string Tails() => string.Join('\n', _nodes.Values.Select(node => node.Tail()));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync();
        }

        await Store.DisposeAsync();
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        Exporter.Dispose();
        Database.Dispose();
        Networks.Dispose();
        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        if (Shape.HasFaultyDatabase)
        {
            var address = Networks.HostAddress(NodeLink.Database);
            DatabaseLink = new FaultyLink(address, new(address, Database.Port));
            _owned.Add(DatabaseLink);
        }

        foreach (var name in Shape.Nodes)
        {
            var data = _folder.Sub(name);
            if (name == Shape.NodeWithSmallDisk)
            {
                Disk = await SmallDisk.MountAsync(data, FaultTerms.Current.IsFull ? "1g" : "192m");
                _owned.Add(Disk);
            }

            Networks.Add(name);
            _nodes.Add(name, Make(name, name, Path.Combine(data, "data"), Secret));
        }
    }

    private ClusterNode Make(string space, string nodeName, string data, string secret)
    {
        var api = Networks.AddressOf(space, NodeLink.Targets).ToString();
        var peers = Networks.AddressOf(space, NodeLink.Peers);
        var database = DatabaseLink?.EndPoint ?? new(Networks.HostAddress(NodeLink.Database), Database.Port);
        string[] flags =
        [
            $"--node.config={Files.Settings}", $"--config.file={Files.Config}", $"--storage.path={data}", $"--web.listen-address={api}:{ApiPort}",
            "--web.enable-lifecycle", $"--cluster.name={Name}", $"--cluster.node-name={nodeName}", $"--cluster.listen-address={peers}:{PeerPort}",
            $"--cluster.database=Host={database.Address};Port={database.Port};Username=postgres;Database=postgres",
        ];
        return new ClusterNode(nodeName, api, data, (environment, more) => NodeProcess.StartBehind(
            Networks.Entering(space), api, ApiPort, new Dictionary<string, string>(environment) { ["SCRAPECLUSTER_CLUSTER_SECRET"] = secret }, [.. flags, .. more]));
    }
}
