using System.Buffers;
using System.Globalization;
using System.Text;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.StandIns;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Storage;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>A log, an actor system with the host, and the short ways to fill and flush.</summary>
internal sealed class RemoteWriteBench : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("rw-").FullName;
    private readonly HashSet<ulong> _known = [];
    private readonly WalOptions? _walOptions;
    private readonly bool _fallsBackToV1;
    private readonly TimeSpan _flushDeadline;
    private readonly bool _startsSuspended;
    private readonly StandInTerms? _standIns;
    private readonly string? _lateQueue;
    private ActorSystem _system;
    private IActorRef _host;

    /// <param name="startsSuspended">As a node of a cluster: nothing is sent before its gate says so.</param>
    /// <param name="standIns">One slot of each target speaks; null: all do.</param>
    /// <param name="lateQueue">The name of the block whose receiver takes samples out of order.</param>
    public RemoteWriteBench(
        WalOptions? options = null, bool fallsBackToV1 = false, TimeSpan? flushDeadline = null, bool startsSuspended = false, StandInTerms? standIns = null,
        string? lateQueue = null)
    {
        _standIns = standIns;
        _lateQueue = lateQueue;
        _walOptions = options;
        _fallsBackToV1 = fallsBackToV1;
        _flushDeadline = flushDeadline ?? TimeSpan.FromSeconds(30);
        _startsSuspended = startsSuspended;
        Wal = WalWriter.Open(WalDirectory, options);
        (_system, _host) = Start();
    }

    public WalWriter Wal { get; private set; }

    public string WalDirectory => Path.Combine(_directory, "wal");

    public string PositionDirectory => Path.Combine(_directory, "remote-write");

    public OwedLog Owed { get; private set; } = new();

    public SendingGate Gate { get; private set; } = null!;

    public ReplicaNews? Replicas { get; private set; }

    /// <summary>All samples, in order.</summary>
    public List<ReceivedSample> Appended { get; } = [];

    public IReadOnlyList<MetadataEntry> Metadata { get; set; } = [];

    public LogLines Log { get; } = new();

    public MetricsRegistry Metrics { get; } = new();

    /// <summary>A block with a short deadline and quick retries.</summary>
    public static RemoteWriteConfig Config(Receiver receiver, QueueConfig? queue = null) => new()
    {
        Url = receiver.Url,
        Queue = (queue ?? new QueueConfig()) with { MinBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(20) },
    };

    public static readonly QueueConfig Quick = new() { BatchSendDeadline = TimeSpan.FromMilliseconds(50) };

    public static readonly QueueConfig Slow = new() { BatchSendDeadline = TimeSpan.FromMinutes(5) };

    public Task ApplyAsync(params RemoteWriteConfig[] configs) => ApplyAsync(Labels.Empty, configs);

    public async Task ApplyAsync(Labels external, params RemoteWriteConfig[] configs) => Assert.Empty(await TryApplyAsync(external, configs));

    public async Task<IReadOnlyList<string>> TryApplyAsync(Labels external, params RemoteWriteConfig[] configs) =>
        (await _host.Ask<RemoteWritesApplied>(new ApplyRemoteWrites(configs, external), Patience)).Faults;

    public async Task<bool> FlushAsync(TimeSpan? deadline = null) =>
        (await _host.Ask<RemoteWriteFlushed>(new FlushRemoteWrite(deadline ?? Patience), Patience)).Complete;

    /// <summary>A metric, summed over all its labels.</summary>
    public double Value(string metric)
    {
        var page = new ArrayBufferWriter<byte>();
        Metrics.Write(page);
        return Encoding.UTF8.GetString(page.WrittenSpan).Split('\n')
            .Where(line => line.StartsWith(metric + "{", StringComparison.Ordinal) || line.StartsWith(metric + " ", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public static Labels Series(ulong seriesRef) => Labels.Of(("__name__", "m"), ("n", $"{seriesRef}"));

    /// <summary>What the receiver sees for <see cref="Append"/>.</summary>
    public static string Text(ulong seriesRef) => $"__name__=m,n={seriesRef}";

    /// <summary>A counter of <c>prometheus_remote_storage_*</c>, over all queues.</summary>
    public long Count(string name) => (long)Value($"prometheus_remote_storage_{name}");

    public void Append(long timestampMs, params ReadOnlySpan<(ulong Ref, double Value)> samples)
    {
        var batch = new WalBatch();
        foreach (var (seriesRef, _) in samples)
        {
            if (_known.Add(seriesRef))
            {
                batch.AddSeries(seriesRef, Series(seriesRef));
            }
        }

        foreach (var (seriesRef, value) in samples)
        {
            batch.AddSample(seriesRef, timestampMs, value);
            Appended.Add(new ReceivedSample(Text(seriesRef), timestampMs, BitConverter.DoubleToUInt64Bits(value)));
        }

        Assert.Null(Wal.Append(batch));
    }

    /// <summary>As a process that is killed and started: nothing is flushed or finished, the log goes on in a new segment.</summary>
    public async Task KillAsync()
    {
        await StopAsync();
        Wal.Dispose();
        Wal = WalWriter.Open(WalDirectory, _walOptions);
        (_system, _host) = Start();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Wal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private (ActorSystem System, IActorRef Host) Start()
    {
        Owed = new OwedLog();
        Gate = new SendingGate(Wal.Published, TimeProvider.System, _startsSuspended);
        Replicas = _standIns is null
            ? null
            : new ReplicaNews("__replica__", "replica-", TimeSpan.FromMilliseconds(_standIns.GoneAfterMs), Wal.Published, TimeProvider.System) { Terms = _standIns };
        var remoteWrite = new RemoteWriteOptions(WalDirectory, Wal.Published, PositionDirectory, _flushDeadline, "ScrapeCluster/test")
        {
            Metadata = () => Metadata,
            FallsBackToV1 = _fallsBackToV1,
            Owed = Owed,
            Gate = Gate,
            Replicas = Replicas,
            OutOfOrderQueues = new HashSet<string>(_lateQueue is null ? [] : [_lateQueue]),
        };
        var system = ActorSystem.Create("test");
        return (system, system.ActorOf(RemoteWriteHostActor.Props(remoteWrite, Metrics, Log, TimeProvider.System), "remote-write"));
    }

    private async Task StopAsync()
    {
        await _system.Terminate();
        _system.Dispose();
    }
}
