using Microsoft.Extensions.Logging;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.RemoteWrite.StandIns;
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
    ReadLimit limit,
    SentSeries series,
    SampleSink sink,
    ShardSets shards,
    PositionJournal journal,
    QueueEnding ending,
    QueueGate gate,
    QueueMetrics metrics,
    ReplicaSpeaker? speaker,
    ILogger logger)
{
    private static readonly TimeSpan WaitStep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PushStep = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan NewsStep = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(5);

    private const long CheckpointLookMs = 5_000;
    private const long IdleLookMs = 1_000;

    private WalPosition _position = shards.Current.Positions.Lowest.Record;
    private readonly WalPosition _logEndAtStart = published.Position;
    private readonly PushTender _pushes = new(gate);
    private int _lostSegments;
    private long _damagedPlaces;
    private long _nextLookMs = Environment.TickCount64 + CheckpointLookMs;
    private long _nextIdleMs;
    private int _prunedCheckpoint = -1;

    /// <summary>What the record is that is being taken.</summary>
    private ReplicaRecord _read;

    /// <summary>Runs until the limit's end is reached or the queue has given up. Then it blocks until the shards have ended, too.</summary>
    public void Run()
    {
        try
        {
            RunToEnd();
        }
        catch
        {
            ending.Abort();
            throw;
        }
        finally
        {
            shards.Current.Drain();
        }

        if (!ending.GivenUp.IsCancellationRequested)
        {
            shards.Current.NoteIdle(journal, new SamplePosition(_position));
        }
    }

    private void RunToEnd()
    {
        while (!ending.GivenUp.IsCancellationRequested)
        {
            try
            {
                PassLostSegments();
                LearnSeries(_position);
                Follow();
                return;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Segments and checkpoints are replaced while they are read: then, and after a read error, from the last position again.
                LogRestart(_position, failure.Message);
                if (limit.End is not null || ending.GivenUp.WaitHandle.WaitOne(RestartDelay))
                {
                    // Only what the log gave is sent.
                    ending.Abort();
                    return;
                }
            }
        }
    }

    private void Follow()
    {
        using var tailer = new WalTailer(walDirectory, published, _position);
        _lostSegments = 0;
        _damagedPlaces = 0;
        while (!ending.GivenUp.IsCancellationRequested)
        {
            // Asked before the record is looked for: the end was published by then, so finding nothing means that all is read.
            var isEnding = limit.End is not null;
            var end = published.Position;
            var isRecord = tailer.TryRead(out var record);
            TellDamage(tailer);
            RelearnLostSeries(tailer);
            if (isRecord)
            {
                if (!TrySettle(record, tailer.RecordPosition) || !TryPass(tailer) || !limit.TryTake(tailer.RecordPosition, tailer.Position) || !TryTake(record, tailer))
                {
                    return;
                }

                NoteProgress(tailer.Position);
                continue;
            }

            SealFirstRequests();
            if (isEnding)
            {
                speaker?.Finish(shards.Current, _position);
                return;
            }

            metrics.CurrentSegment.Set(tailer.Position.Segment);
            NoteIdle();
            _pushes.Tend(shards.Current, end.CompareTo(_position) > 0 ? end : _position);
            if (speaker?.TryTend(shards.Current, _position) == false)
            {
                return;
            }

            tailer.WaitForMore(gate.HasPushes ? PushStep : speaker is null ? WaitStep : NewsStep);
            ForgetGoneSeries(tailer.Position.Segment);
        }
    }

    /// <summary>Waits until what other slots say of the record has been heard. False when the queue ends and it stays owed.</summary>
    private bool TrySettle(ReadOnlySpan<byte> record, WalPosition at)
    {
        if (speaker is null || (WalRecordType)record[0] != WalRecordType.Samples)
        {
            return true;
        }

        _read = speaker.Read(record);
        while (limit.End is null && !speaker.IsSettled(_read, at))
        {
            if (ending.GivenUp.IsCancellationRequested || !speaker.TryTend(shards.Current, _position))
            {
                return false;
            }

            _pushes.Tend(shards.Current, _position);
            NoteIdle();
            gate.Wait();
        }

        return speaker.TryTend(shards.Current, _position);
    }

    /// <summary>Waits while the record must not be sent yet. False when the queue ends and it stays owed.</summary>
    private bool TryPass(WalTailer tailer)
    {
        while (!gate.IsOpen(tailer.RecordPosition))
        {
            if (ending.GivenUp.IsCancellationRequested)
            {
                return false;
            }

            if (limit.End is { } end)
            {
                // Nobody can make a queue wait that ends; but what may not be this node's to send is left.
                if (!gate.IsSuspended || tailer.RecordPosition.CompareTo(end) >= 0)
                {
                    return true;
                }

                ending.Abort();
                return false;
            }

            if (speaker?.TryTend(shards.Current, _position) == false)
            {
                return false;
            }

            _pushes.Tend(shards.Current, _position);
            NoteIdle();
            gate.Wait();
        }

        return true;
    }

    /// <summary>What the log cannot give is not sent.</summary>
    private void TellDamage(WalTailer tailer)
    {
        if (tailer.DamagedPlaces > _damagedPlaces)
        {
            metrics.UnreadableRecords.Add(tailer.DamagedPlaces - _damagedPlaces);
            LogDamage(tailer.DamagedPlaces - _damagedPlaces, tailer.LastDamage!);
            _damagedPlaces = tailer.DamagedPlaces;
        }
    }

    /// <summary>False when the queue gives up.</summary>
    private bool TryTake(ReadOnlySpan<byte> record, WalTailer tailer)
    {
        switch ((WalRecordType)record[0])
        {
            case WalRecordType.Series:
                metrics.SeriesRecords.Inc();
                series.Add(record, tailer.Position.Segment);
                return true;
            case WalRecordType.Samples:
                metrics.OwedAtStart.Add(tailer.RecordPosition.CompareTo(_logEndAtStart) < 0 ? 1 : 0);
                metrics.SampleRecords.Inc();
                return speaker?.TryTake(shards.Current, _read, record, tailer.RecordPosition, tailer.Position)
                    ?? sink.TryTake(shards.Current, record, tailer.RecordPosition, tailer.Position);
            default:
                metrics.OtherRecords.Inc();
                return true;
        }
    }

    private void NoteProgress(WalPosition position)
    {
        var isNewSegment = position.Segment != _position.Segment;
        _position = position;
        if (isNewSegment)
        {
            metrics.CurrentSegment.Set(position.Segment);
            ForgetGoneSeries(position.Segment);
        }

        NoteIdle();
        _pushes.Tend(shards.Current, position);
        if (!shards.IsRightNumber && new SamplePosition(position) >= shards.Current.Boundaries.Highest)
        {
            shards.Change(new SamplePosition(position));
        }
    }

    /// <summary>Shards without samples move on, too: else they would hold the log.</summary>
    private void NoteIdle()
    {
        if (Environment.TickCount64 >= _nextIdleMs)
        {
            _nextIdleMs = Environment.TickCount64 + IdleLookMs;
            shards.Current.NoteIdle(journal, new SamplePosition(_position));
            journal.CatchUp();
        }
    }

    /// <summary>All that there was at the start is read, so the requests of then are whole, even if part of the log was lost.</summary>
    private void SealFirstRequests()
    {
        var current = shards.Current;
        lock (current.Gate)
        {
            current.SealUpTo(current.Boundaries.Highest);
        }
    }

    /// <summary>Removed by the limits of the storage before they were sent.</summary>
    private void PassLostSegments()
    {
        var first = WalFormat.Segments(walDirectory).FirstOrDefault(segment => segment >= _position.Segment, _position.Segment);
        if (first > _position.Segment)
        {
            TellLostSegments(first - _position.Segment, new WalPosition(first, 0));
            _position = new WalPosition(first, 0);
        }
    }

    private void TellLostSegments(int count, WalPosition next)
    {
        metrics.LostSegments.Add(count);
        LogLostSegments(count, next);
    }

    private void LearnSeries(WalPosition end)
    {
        using var reader = new WalReader(walDirectory, end);
        while (!ending.GivenUp.IsCancellationRequested && reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Series)
            {
                series.Add(record, reader.InCheckpoint ? -1 : reader.Position.Segment);
            }
        }
    }

    /// <summary>Series whose records stood in segments that were removed before they were read: the checkpoint has them.</summary>
    private void RelearnLostSeries(WalTailer tailer)
    {
        if (tailer.LostSegments > _lostSegments)
        {
            TellLostSegments(tailer.LostSegments - _lostSegments, tailer.Position);
            _lostSegments = tailer.LostSegments;
            LearnSeries(tailer.RecordPosition);
        }
    }

    /// <summary>Forgets what a new checkpoint no longer holds.</summary>
    private void ForgetGoneSeries(int segment)
    {
        // Looking at the directory at every wake-up would cost more than following.
        if (Environment.TickCount64 < _nextLookMs)
        {
            return;
        }

        _nextLookMs = Environment.TickCount64 + CheckpointLookMs;
        if (WalFormat.LastCheckpoint(walDirectory) is not { } checkpoint || checkpoint <= _prunedCheckpoint || checkpoint >= segment)
        {
            return;
        }

        using var reader = new WalReader(walDirectory, new WalPosition(checkpoint + 1, 0));
        while (reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Series)
            {
                series.Keep(record, checkpoint);
            }
        }

        series.Prune(checkpoint);
        _prunedCheckpoint = checkpoint;
    }

    [LoggerMessage(5001, LogLevel.Warning, "Reading of the write-ahead log begins again at {Position}: {Reason}")]
    private partial void LogRestart(WalPosition position, string reason);

    [LoggerMessage(5003, LogLevel.Error, "Records at {Count} places cannot be read and are not sent; the last is in the {Damage}")]
    private partial void LogDamage(long count, WalDamage damage);

    [LoggerMessage(5002, LogLevel.Error, "{Count} segments of the write-ahead log were removed before the queue had sent them; it goes on at {Position}")]
    private partial void LogLostSegments(int count, WalPosition position);
}
