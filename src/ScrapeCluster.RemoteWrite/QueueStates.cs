using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite;

/// <summary>One queue at one moment.</summary>
/// <param name="Url">Without its password.</param>
/// <param name="IsV2">Sends remote write 2.0.</param>
/// <param name="Position">Everything before it is done; a restart begins here. Null where the queue keeps none.</param>
/// <param name="End">How far the log is written.</param>
/// <param name="OwedBytes">Of the log between both, as they lie on the disk.</param>
/// <param name="Lag">Between the newest sample in the log and the newest that was sent; zero when nothing is owed.</param>
/// <param name="Pending">Samples that were read and are neither sent nor dropped yet.</param>
/// <param name="Dropped">Samples that were read and not sent, for whatever reason.</param>
/// <param name="NewestSent">Null before the first.</param>
public sealed record QueueState(
    string Name,
    string Url,
    bool IsV2,
    WalPosition? Position,
    WalPosition End,
    long OwedBytes,
    TimeSpan Lag,
    long Pending,
    int Shards,
    int MinShards,
    int MaxShards,
    double DesiredShards,
    long Sent,
    long Failed,
    long Retried,
    long Dropped,
    DateTimeOffset? NewestSent,
    QueueFailure? LastFailure)
{
    /// <summary>Of targets with several slots one speaks at a time; null: all do.</summary>
    public ReplicaShare? Replicas { get; init; }
}

/// <param name="StoodIn">Samples of a stand-in that were sent.</param>
/// <param name="HeldBack">Samples that were not, since another slot spoke.</param>
/// <param name="Kept">Scrapes that wait, or are kept until the receiver has the primary's.</param>
public sealed record ReplicaShare(long StoodIn, long HeldBack, long Kept);

/// <summary>How the queues of a node do, for its API and its metrics. Any thread; what is read at one time may be of slightly different moments.</summary>
public sealed class QueueStates(SentProgress running, OwedLog owed, INodeStorage storage)
{
    private static readonly string[] Labels = ["remote_name", "url"];

    public IReadOnlyList<QueueState> Read()
    {
        var queues = running.Queues;
        if (queues.Count == 0)
        {
            return [];
        }

        var parts = owed.Parts();
        var end = storage.WalPublished.Position;
        return [.. queues.Select(queue => StateOf(queue, parts.FirstOrDefault(part => part.Queue == queue.Name)?.Position, end))];
    }

    public void Register(MetricsRegistry metrics)
    {
        Add(metrics, "position_segment", "Segment of the WAL before which the queue has sent everything.", state => state.Position?.Segment);
        Add(metrics, "position_offset_bytes", "Place in that segment before which the queue has sent everything.", state => state.Position?.Offset);
        Add(metrics, "owed_bytes", "Bytes of the WAL between the queue's position and the end.", state => state.OwedBytes);
        Add(metrics, "lag_seconds", "Time between the newest sample in the WAL and the newest that the queue has sent; 0 when it owes nothing.", state => state.Lag.TotalSeconds);
    }

    private void Add(MetricsRegistry metrics, string name, string help, Func<QueueState, double?> read)
    {
        metrics.Callback(
            MetricType.Gauge,
            $"scrapecluster_remote_write_{name}",
            help,
            Labels,
            () => Read().Where(state => read(state) is not null).Select(state => new Observation(read(state)!.Value, state.Name, state.Url)));
    }

    private QueueState StateOf(QueueMetrics queue, WalPosition? position, WalPosition end)
    {
        var config = queue.Config;
        var owedBytes = position is { } from ? LogBytes.Between(storage.WalDirectory, from, end) : 0;
        var isBehind = position is null || owedBytes > 0 || queue.Pending.Value > 0;
        return new QueueState(
            queue.Name,
            config.PrintableUrl,
            config.ProtobufMessage == RemoteWriteMessage.V2,
            position,
            end,
            owedBytes,
            isBehind ? queue.Delay : TimeSpan.Zero,
            Math.Max(0, (long)queue.Pending.Value),
            (int)queue.Shards.Value,
            config.Queue.MinShards,
            config.Queue.MaxShards,
            queue.ShardsDesired.Value,
            queue.SentCount,
            (long)queue.SamplesFailed.Value,
            (long)queue.SamplesRetried.Value,
            queue.DroppedCount,
            queue.HighestSentMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(queue.HighestSentMs) : null,
            queue.LastFailure)
        {
            Replicas = queue.HasSpeaker ? new ReplicaShare((long)queue.StoodIn.Value, queue.HeldBackCount, (long)queue.ReplicaScrapesKept.Value) : null,
        };
    }
}
