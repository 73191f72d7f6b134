using ScrapeCluster.Configuration;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.RemoteWrite;

internal enum DropReason
{
    Relabelled,
    TooOld,
    UnknownSeries,
    Shutdown,
}

/// <summary>One queue's metrics, looked up once.</summary>
internal sealed class QueueMetrics
{
    /// <summary>In the order of <see cref="DropReason"/>; the first three are Prometheus's words.</summary>
    private static readonly string[] Reasons = ["dropped_series", "too_old", "unintentionally_dropped_series", "shutdown"];

    private readonly Counter[] _dropped;
    private readonly Counter _sent;
    private readonly Counter _bytes;
    private readonly Gauge _highestSent;
    private readonly Gauge _highestRead;
    private readonly Gauge _highestIn;
    private readonly Histogram _sendSeconds;
    private readonly Lock _highestSentGuard = new();
    private long _highestSentMs;
    private long _highestReadMs;

    public QueueMetrics(RemoteWriteMetrics families, string name, RemoteWriteConfig config)
    {
        var url = config.PrintableUrl;
        _dropped = [.. Reasons.Select(reason => families.SamplesDropped.With(name, url, reason))];
        _sent = families.SamplesTotal.With(name, url);
        _bytes = families.Bytes.With(name, url);
        _highestSent = families.HighestSent.With(name, url);
        _highestRead = families.HighestRead.With(name, url);
        _highestIn = families.HighestIn;
        _sendSeconds = families.SendSeconds.With(name, url);
        SamplesFailed = families.SamplesFailed.With(name, url);
        SamplesRetried = families.SamplesRetried.With(name, url);
        MetadataTotal = families.MetadataTotal.With(name, url);
        MetadataFailed = families.MetadataFailed.With(name, url);
        MetadataRetried = families.MetadataRetried.With(name, url);
        EnqueueRetries = families.EnqueueRetries.With(name, url);
        Pending = families.SamplesPending.With(name, url);
        SeriesRecords = families.RecordsRead.With(name, "series");
        SampleRecords = families.RecordsRead.With(name, "samples");
        OtherRecords = families.RecordsRead.With(name, "other");
        CurrentSegment = families.CurrentSegment.With(name);
        Shards = families.Shards.With(name, url);
        families.ShardsMin.With(name, url).Set(config.Queue.MinShards);
        families.ShardsMax.With(name, url).Set(config.Queue.MaxShards);
        families.ShardCapacity.With(name, url).Set(config.Queue.Capacity);
        families.MaxSamplesPerSend.With(name, url).Set(config.Queue.MaxSamplesPerSend);
    }

    public Counter SamplesFailed { get; }

    public Counter SamplesRetried { get; }

    public Counter MetadataTotal { get; }

    public Counter MetadataFailed { get; }

    public Counter MetadataRetried { get; }

    public Counter EnqueueRetries { get; }

    /// <summary>Samples read from the log and neither sent nor dropped yet.</summary>
    public Gauge Pending { get; }

    public Counter SeriesRecords { get; }

    public Counter SampleRecords { get; }

    public Counter OtherRecords { get; }

    public Gauge CurrentSegment { get; }

    public Gauge Shards { get; }

    public long SentCount => (long)_sent.Value;

    public void Dropped(DropReason reason, long count) => _dropped[(int)reason].Add(count);

    /// <summary>Only the follower's thread reads samples.</summary>
    public void Read(long timestampMs)
    {
        if (timestampMs > _highestReadMs)
        {
            _highestReadMs = timestampMs;
            _highestRead.Set(timestampMs / 1000.0);
            if (timestampMs / 1000.0 > _highestIn.Value)
            {
                _highestIn.Set(timestampMs / 1000.0);
            }
        }
    }

    public void Tried(TimeSpan duration, int bodyLength)
    {
        _sendSeconds.Observe(duration.TotalSeconds);
        _bytes.Add(bodyLength);
    }

    public void Sent(ReadOnlySpan<PendingSample> samples)
    {
        _sent.Add(samples.Length);
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
}
