using ScrapeCluster.Configuration;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.Storage;

namespace ScrapeCluster.RemoteWrite;

internal enum DropReason
{
    Relabelled,
    TooOld,
    UnknownSeries,
    Shutdown,

    /// <summary>Other nodes scraped it too, or sent what comes after it.</summary>
    TakenOver,

    /// <summary>Another slot of the target speaks.</summary>
    OtherReplica,
}

/// <summary>One queue's metrics, looked up once.</summary>
internal sealed class QueueMetrics
{
    /// <summary>In the order of <see cref="DropReason"/>; the first three are Prometheus's words.</summary>
    private static readonly string[] Reasons = ["dropped_series", "too_old", "unintentionally_dropped_series", "shutdown", "taken_over", "other_replica"];

    private readonly Counter[] _dropped;
    private readonly Counter _sent;
    private readonly Counter _bytes;
    private readonly Gauge _highestSent;
    private readonly Gauge _highestRead;
    private readonly AppendedSamples _appended;
    private readonly Histogram _sendSeconds;
    private readonly Lock _highestSentGuard = new();

    /// <summary>Each takes one gauge out of its family.</summary>
    private readonly List<Action> _retire = [];
    private long _highestSentMs;
    private long _highestReadMs;
    private long _firstReadMs;
    private QueueFailure? _lastFailure;

    public QueueMetrics(RemoteWriteMetrics families, string name, RemoteWriteConfig config)
    {
        var url = config.PrintableUrl;
        Name = name;
        Config = config;
        _appended = families.Appended;
        _dropped = [.. Reasons.Select(reason => Child(families.SamplesDropped, name, url, reason))];
        _sent = Child(families.SamplesTotal, name, url);
        _bytes = Child(families.Bytes, name, url);
        _highestSent = Child(families.HighestSent, name, url);
        _highestRead = Child(families.HighestRead, name, url);
        _sendSeconds = Child(families.SendSeconds, name, url);
        SamplesFailed = Child(families.SamplesFailed, name, url);
        SamplesRetried = Child(families.SamplesRetried, name, url);
        MetadataTotal = Child(families.MetadataTotal, name, url);
        MetadataFailed = Child(families.MetadataFailed, name, url);
        MetadataRetried = Child(families.MetadataRetried, name, url);
        MetadataBytes = Child(families.MetadataBytes, name, url);
        EnqueueRetries = Child(families.EnqueueRetries, name, url);
        RepeatsRefused = Child(families.RepeatsRefused, name, url);
        LostSegments = Child(families.LostSegments, name, url);
        StoodIn = Child(families.StoodIn, name, url);
        ReplicaScrapesKept = Child(families.ReplicaScrapesKept, name, url);
        Pending = Child(families.SamplesPending, name, url);
        SeriesRecords = Child(families.RecordsRead, name, "series");
        SampleRecords = Child(families.RecordsRead, name, "samples");
        OtherRecords = Child(families.RecordsRead, name, "other");
        UnreadableRecords = Child(families.UnreadableRecords, name);
        OwedAtStart = Child(families.OwedAtStart, name);
        CurrentSegment = Child(families.CurrentSegment, name);
        Shards = Child(families.Shards, name, url);
        ShardsDesired = Child(families.ShardsDesired, name, url);
        ShardsDesired.Set(config.Queue.MinShards);
        Child(families.ShardsMin, name, url).Set(config.Queue.MinShards);
        Child(families.ShardsMax, name, url).Set(config.Queue.MaxShards);
        Child(families.ShardCapacity, name, url).Set(config.Queue.Capacity);
        Child(families.MaxSamplesPerSend, name, url).Set(config.Queue.MaxSamplesPerSend);
        foreach (var family in families.Unsupported)
        {
            Child(family, name, url);
        }

        foreach (var family in families.UnsupportedPending)
        {
            Child(family, name, url);
        }

        foreach (var family in families.UnsupportedDropped)
        {
            Child(family, name, url, Reasons[(int)DropReason.Relabelled]);
        }
    }

    public string Name { get; }

    public RemoteWriteConfig Config { get; }

    public Counter SamplesFailed { get; }

    public Counter SamplesRetried { get; }

    public Counter MetadataTotal { get; }

    public Counter MetadataFailed { get; }

    public Counter MetadataRetried { get; }

    public Counter MetadataBytes { get; }

    public Counter EnqueueRetries { get; }

    /// <summary>Samples sent again after a stop that the receiver refused, since it has them.</summary>
    public Counter RepeatsRefused { get; }

    /// <summary>Segments of the log that were removed before they were sent.</summary>
    public Counter LostSegments { get; }

    /// <summary>Samples that were sent since the primary's were not there.</summary>
    public Counter StoodIn { get; }

    /// <summary>Scrapes of stand-ins that wait, or that are kept until the receiver has the primary's.</summary>
    public Gauge ReplicaScrapesKept { get; }

    /// <summary>Of targets with several slots one speaks at a time.</summary>
    public bool HasSpeaker { get; init; }

    public long HeldBackCount => (long)_dropped[(int)DropReason.OtherReplica].Value;

    /// <summary>Samples read from the log and neither sent nor dropped yet.</summary>
    public Gauge Pending { get; }

    public Counter SeriesRecords { get; }

    public Counter SampleRecords { get; }

    public Counter OtherRecords { get; }

    /// <summary>Places of the log where records cannot be read.</summary>
    public Counter UnreadableRecords { get; }

    /// <summary>Sample records that the log held when the queue began: those of before a stop.</summary>
    public Counter OwedAtStart { get; }

    public Gauge CurrentSegment { get; }

    public Gauge Shards { get; }

    /// <summary>What the resharding rule wants, before rounding and limits.</summary>
    public Gauge ShardsDesired { get; }

    public long SentCount => (long)_sent.Value;

    public long DroppedCount => _dropped.Sum(reason => (long)reason.Value);

    /// <summary>
    /// Between the newest timestamp in the log and the newest that was sent; before the first, and the first that was read. Zero before anything was read.
    /// Grows also where nothing is there to be sent: see <see cref="QueueStates"/> for a lag that does not.
    /// </summary>
    public TimeSpan Delay
    {
        get
        {
            var reachedMs = HighestSentMs is > 0 and var sentMs ? sentMs : Volatile.Read(ref _firstReadMs);
            return reachedMs == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Max(0, _appended.HighestMs - reachedMs));
        }
    }

    /// <summary>Null as long as all went well.</summary>
    public QueueFailure? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>A try has failed, for good or not.</summary>
    public void Failed(string reason, DateTimeOffset now) => Volatile.Write(ref _lastFailure, new QueueFailure(now, reason));

    /// <summary>Another queue of this name and URL counts on.</summary>
    public bool IsOf(RemoteWriteSpec spec) =>
        string.Equals(spec.Name, Name, StringComparison.Ordinal) && string.Equals(spec.Config.PrintableUrl, Config.PrintableUrl, StringComparison.Ordinal);

    /// <summary>Takes the queue's gauges off the metrics page: nobody should be told how one does that is not there any more. What it has counted stays.</summary>
    public void Retire() => _retire.ForEach(static remove => remove());

    public void Dropped(DropReason reason, long count) => _dropped[(int)reason].Add(count);

    /// <summary>Only the follower's thread reads samples.</summary>
    public void Read(long timestampMs)
    {
        if (timestampMs > _highestReadMs)
        {
            _highestReadMs = timestampMs;
            _highestRead.Set(timestampMs / 1000.0);
            if (_firstReadMs == 0)
            {
                Volatile.Write(ref _firstReadMs, timestampMs);
            }
        }
    }

    public void Tried(TimeSpan duration, int bodyLength)
    {
        _sendSeconds.Observe(duration.TotalSeconds);
        _bytes.Add(bodyLength);
    }

    /// <summary>0 before the first.</summary>
    public long HighestSentMs
    {
        get
        {
            lock (_highestSentGuard)
            {
                return _highestSentMs;
            }
        }
    }

    /// <param name="lost">Of them, what the receiver says it did not write.</param>
    public void Sent(ReadOnlySpan<PendingSample> samples, int lost = 0)
    {
        _sent.Add(samples.Length - lost);
        SamplesFailed.Add(lost);
        var highest = long.MinValue;
        foreach (var sample in samples)
        {
            highest = Math.Max(highest, sample.TimestampMs);
        }

        lock (_highestSentGuard)
        {
            if (highest > _highestSentMs)
            {
                _highestSentMs = highest;
                _highestSent.Set(highest / 1000.0);
            }
        }
    }

    private TMetric Child<TMetric>(MetricFamily<TMetric> family, params string[] labels)
        where TMetric : Metric
    {
        if (family is MetricFamily<Gauge>)
        {
            _retire.Add(() => family.Remove(labels));
        }

        return family.With(labels);
    }
}

/// <summary>The last thing that went wrong with a queue's requests.</summary>
public sealed record QueueFailure(DateTimeOffset At, string Reason);
