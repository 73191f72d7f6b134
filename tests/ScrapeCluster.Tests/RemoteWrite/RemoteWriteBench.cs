using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>A log, an actor system with the host, and the short ways to fill and flush.</summary>
internal sealed class RemoteWriteBench : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("rw-").FullName;
    private readonly ActorSystem _system = ActorSystem.Create("test");
    private readonly IActorRef _host;
    private readonly HashSet<ulong> _known = [];

    public RemoteWriteBench(WalOptions? options = null)
    {
        Wal = WalWriter.Open(_directory, options);
        var remoteWrite = new RemoteWriteOptions(_directory, Wal.Published, TimeSpan.FromSeconds(30), "ScrapeCluster/test")
        {
            Metadata = () => Metadata,
        };
        _host = _system.ActorOf(RemoteWriteHostActor.Props(remoteWrite, Metrics, NullLoggerFactory.Instance, TimeProvider.System), "remote-write");
    }

    public WalWriter Wal { get; }

    public string WalDirectory => _directory;

    public IReadOnlyList<MetadataEntry> Metadata { get; set; } = [];

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

    public static Labels Series(ulong seriesRef) => Labels.Of(("__name__", "m"), ("n", $"{seriesRef}"));

    /// <summary>What the receiver sees for <see cref="Append"/>.</summary>
    public static string Text(ulong seriesRef) => $"__name__=m,n={seriesRef}";

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
        }

        Assert.Null(Wal.Append(batch));
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _system.Dispose();
        Wal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
