using Microsoft.Extensions.Logging;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.RemoteWrite.Following;

/// <summary>
/// Reads the log behind its writer, on a thread of its own, and gives each sample to the shard of its series. First it
/// learns the series of everything before the start, checkpoint included; samples count from the start on. When the shards are full it
/// waits; the writer never waits for it.
/// </summary>
internal sealed partial class WalFollower(
    string walDirectory,
    WalPublication published,
    WalPosition start,
    ReadLimit limit,
    SentSeries series,
    ShardBuffer[] shards,
    QueueMetrics metrics,
    ILogger logger)
{
    private static readonly TimeSpan WaitStep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EnqueuePatience = TimeSpan.FromSeconds(1);

    private const long CheckpointLookMs = 5_000;

    private readonly ManualResetEventSlim _aborted = new();
    private WalPosition _position = start;
    private int _lostSegments;
    private long _nextLookMs = Environment.TickCount64 + CheckpointLookMs;
    private int _prunedCheckpoint = -1;

    /// <summary>Runs until the limit's end is reached or <see cref="Abort"/>.</summary>
    public void Run()
    {
        while (!_aborted.IsSet)
        {
            try
            {
                LearnSeries(_position);
                Follow();
                return;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Segments and checkpoints are replaced while they are read: then, and after a read error, from the last position again.
                LogRestart(_position, failure.Message);
                if (limit.End is not null || _aborted.Wait(RestartDelay))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Ends the run at the next sample.</summary>
    public void Abort()
    {
        _aborted.Set();
        published.Wake();
    }

    private void Follow()
    {
        using var tailer = new WalTailer(walDirectory, published, _position);
        _lostSegments = 0;
        while (!_aborted.IsSet)
        {
            // Asked before the record is looked for: the end was published by then, so finding nothing means that all is read.
            var isEnding = limit.End is not null;
            if (tailer.TryRead(out var record))
            {
                if (!limit.TryTake(tailer.RecordPosition, tailer.Position))
                {
                    return;
                }

                Take(record, tailer.Position.Segment);
                _position = tailer.Position;
                continue;
            }

            if (isEnding)
            {
                return;
            }

            metrics.CurrentSegment.Set(tailer.Position.Segment);
            tailer.WaitForMore(WaitStep);
            KeepSeriesFresh(tailer);
        }
    }

    private void Take(ReadOnlySpan<byte> record, int segment)
    {
        switch ((WalRecordType)record[0])
        {
            case WalRecordType.Series:
                metrics.SeriesRecords.Inc();
                series.Add(record, segment);
                break;
            case WalRecordType.Samples:
                metrics.SampleRecords.Inc();
                TakeSamples(record);
                break;
            default:
                metrics.OtherRecords.Inc();
                break;
        }
    }

    private void TakeSamples(ReadOnlySpan<byte> record)
    {
        var enqueued = 0;
        var samples = new SamplesRecordReader(record);
        while (samples.MoveNext())
        {
            metrics.Read(samples.TimestampMs);
            if (!series.TryGet(samples.Ref, out var labels))
            {
                metrics.Dropped(DropReason.UnknownSeries, 1);
            }
            else if (labels is null)
            {
                metrics.Dropped(DropReason.Relabelled, 1);
            }
            else if (TryEnqueue(samples.Ref, new PendingSample(labels, samples.TimestampMs, samples.Value)))
            {
                enqueued++;
            }
            else
            {
                metrics.Dropped(DropReason.Shutdown, 1);
            }
        }

        metrics.Pending.Add(enqueued);
    }

    /// <summary>Waits for room for as long as it takes; false only when aborted.</summary>
    private bool TryEnqueue(ulong seriesRef, in PendingSample sample)
    {
        var shard = shards[seriesRef % (ulong)shards.Length];
        while (!shard.TryAdd(sample, EnqueuePatience))
        {
            metrics.EnqueueRetries.Inc();
            if (_aborted.IsSet)
            {
                return false;
            }
        }

        return true;
    }

    private void LearnSeries(WalPosition end)
    {
        using var reader = new WalReader(walDirectory, end);
        while (!_aborted.IsSet && reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Series)
            {
                series.Add(record, reader.InCheckpoint ? -1 : reader.Position.Segment);
            }
        }
    }

    /// <summary>Learns again what lost segments held, and forgets what a new checkpoint no longer holds.</summary>
    private void KeepSeriesFresh(WalTailer tailer)
    {
        if (tailer.LostSegments > _lostSegments)
        {
            LogLostSegments(tailer.LostSegments - _lostSegments, tailer.Position);
            _lostSegments = tailer.LostSegments;
            LearnSeries(tailer.Position);
        }

        // Looking at the directory at every wake-up would cost more than following.
        if (Environment.TickCount64 < _nextLookMs)
        {
            return;
        }

        _nextLookMs = Environment.TickCount64 + CheckpointLookMs;
        if (WalFormat.LastCheckpoint(walDirectory) is not { } checkpoint || checkpoint <= _prunedCheckpoint || checkpoint >= tailer.Position.Segment)
        {
            return;
        }

        var kept = new HashSet<ulong>();
        using var reader = new WalReader(walDirectory, new WalPosition(checkpoint + 1, 0));
        while (reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Series)
            {
                for (var entries = new SeriesRecordReader(record); entries.MoveNext();)
                {
                    kept.Add(entries.Ref);
                }
            }
        }

        series.Prune(checkpoint, kept);
        _prunedCheckpoint = checkpoint;
    }

    [LoggerMessage(5001, LogLevel.Warning, "Reading of the write-ahead log begins again at {Position}: {Reason}")]
    private partial void LogRestart(WalPosition position, string reason);

    [LoggerMessage(5002, LogLevel.Error, "{Count} segments of the write-ahead log were removed before the queue had sent them; it goes on at {Position}")]
    private partial void LogLostSegments(int count, WalPosition position);
}
