using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.RemoteWrite.Queues.Sharding;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.RemoteWrite.Following;

/// <summary>
/// Gives the samples of a record to the shards of their series. When a shard is full it waits, and so does the reading: 5 ms first, doubled up to
/// <c>max_backoff</c>, or until there is room. Used by the follower's thread alone.
/// </summary>
internal sealed class SampleSink(SentSeries series, QueueConfig config, QueueEnding ending, QueueGate gate, QueueWork work, QueueMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan FirstPatience = TimeSpan.FromMilliseconds(5);

    /// <summary>As the index of a sample: a request that ends with it ends before the record.</summary>
    private const int BeforeRecord = -1;

    private readonly TimeSpan _longestPatience = config.MaxBackoff > FirstPatience ? config.MaxBackoff : FirstPatience;
    private int _enqueued;

    /// <summary>Called again and again while a shard is full, with all shards locked.</summary>
    public Action? WhileWaiting { get; set; }

    /// <summary>False when the queue ended before all of it found room: the record stays owed.</summary>
    /// <param name="at">The start of the record, and <paramref name="end"/> its end.</param>
    public bool TryTake(ShardSet shards, ReadOnlySpan<byte> record, WalPosition at, WalPosition end)
    {
        lock (shards.Gate)
        {
            if (new SamplePosition(at) >= shards.Boundaries.Highest)
            {
                return TryAdd(shards, record, at);
            }

            var isWhole = TryAddAgain(shards, record, at);
            shards.SealUpTo(new SamplePosition(end));
            return isWhole;
        }
    }

    /// <summary>Nothing of a record goes to the shards, now at least.</summary>
    public void PassOver(ShardSet shards, long timestampMs, int count, WalPosition at, WalPosition end)
    {
        metrics.Read(timestampMs);
        work.Dropped(count);
        if (new SamplePosition(at) < shards.Boundaries.Highest)
        {
            lock (shards.Gate)
            {
                shards.SealUpTo(new SamplePosition(end));
            }
        }
    }

    /// <summary>
    /// Samples of a record that was passed over. They go out of the order of the log, so their place there is not written down: should the process be killed before the receiver has
    /// them, they are not sent again.
    /// </summary>
    /// <param name="at">The start of that record.</param>
    /// <param name="position">Everything before it was given to the shards.</param>
    /// <param name="onlyMarkers">Of its samples only staleness markers.</param>
    public bool TryAddApart(ShardSet shards, ReadOnlySpan<byte> record, WalPosition at, WalPosition position, bool onlyMarkers)
    {
        lock (shards.Gate)
        {
            var buffers = shards.Buffers;
            var oldestMs = OldestMs();
            var lostFromMs = gate.LostFromMs(at);
            var lost = default(Lost);
            var samples = new SamplesRecordReader(record);
            while (samples.MoveNext())
            {
                if ((onlyMarkers && !SpecialValues.IsStaleNaN(samples.Value)) || !TryFind(samples, oldestMs, lostFromMs, ref lost, out var sample))
                {
                    continue;
                }

                // The receiver may refuse some, as it may have others of that time: then it is asked for each.
                var buffer = buffers[samples.Ref % (ulong)buffers.Length];
                if (buffer.TryAddAgain(sample, position, BeforeRecord, mayRepeat: true))
                {
                    _enqueued++;
                }
                else if (!WaitAndAdd(shards.Gate, buffer, sample, position, BeforeRecord, isAgain: true, mayRepeat: true, ref lost))
                {
                    return false;
                }
            }

            Tell(long.MinValue, lost);
            return true;
        }
    }

    private bool TryAdd(ShardSet shards, ReadOnlySpan<byte> record, WalPosition at)
    {
        var buffers = shards.Buffers;
        var oldestMs = OldestMs();
        var lostFromMs = gate.LostFromMs(at);
        var newestMs = long.MinValue;
        var lost = default(Lost);
        var samples = new SamplesRecordReader(record);
        for (var index = 0; samples.MoveNext(); index++)
        {
            newestMs = Math.Max(newestMs, samples.TimestampMs);
            if (!TryFind(samples, oldestMs, lostFromMs, ref lost, out var sample))
            {
                continue;
            }

            var buffer = buffers.Length == 1 ? buffers[0] : buffers[samples.Ref % (ulong)buffers.Length];
            if (buffer.TryAdd(sample, at, index))
            {
                _enqueued++;
                continue;
            }

            if (!WaitAndAdd(shards.Gate, buffer, sample, at, index, isAgain: false, mayRepeat: false, ref lost))
            {
                return false;
            }

            lostFromMs = gate.LostFromMs(at);
        }

        Tell(newestMs, lost);
        return true;
    }

    /// <summary>The slower way, while there are requests of before a stop to make again.</summary>
    private bool TryAddAgain(ShardSet shards, ReadOnlySpan<byte> record, WalPosition at)
    {
        var boundaries = shards.Boundaries;
        var oldestMs = OldestMs();
        var lostFromMs = gate.LostFromMs(at);
        var newestMs = long.MinValue;
        var lost = default(Lost);
        var samples = new SamplesRecordReader(record);
        for (var index = 0; samples.MoveNext(); index++)
        {
            newestMs = Math.Max(newestMs, samples.TimestampMs);
            var shard = (int)(samples.Ref % (ulong)shards.Buffers.Length);
            var place = new SamplePosition(at, index);
            var buffer = shards.Buffers[shard];
            if (boundaries.EndsBefore(shard, place))
            {
                buffer.Seal();
            }

            if (boundaries.IsAcknowledged(shard, place) || !TryFind(samples, oldestMs, lostFromMs, ref lost, out var sample))
            {
                continue;
            }

            var mayRepeat = boundaries.MayRepeat(shard, place);
            if (buffer.TryAddAgain(sample, at, index, mayRepeat))
            {
                _enqueued++;
                continue;
            }

            if (!WaitAndAdd(shards.Gate, buffer, sample, at, index, isAgain: true, mayRepeat, ref lost))
            {
                return false;
            }

            lostFromMs = gate.LostFromMs(at);
        }

        Tell(newestMs, lost);
        return true;
    }

    private bool TryFind(in SamplesRecordReader samples, long oldestMs, long lostFromMs, ref Lost lost, out PendingSample sample)
    {
        sample = default;
        var fate = series.Find(samples.Ref, out var labels);
        if (fate != SeriesFate.Sent)
        {
            lost.Relabelled += fate == SeriesFate.Dropped ? 1 : 0;
            lost.Unknown += fate == SeriesFate.Dropped ? 0 : 1;
            return false;
        }

        if (samples.TimestampMs < oldestMs)
        {
            lost.TooOld++;
            return false;
        }

        if (samples.TimestampMs >= lostFromMs)
        {
            lost.TakenOver++;
            return false;
        }

        sample = new PendingSample(labels, samples.TimestampMs, samples.Value);
        return true;
    }

    /// <summary>Gives the shards free while it waits. Meanwhile the sample may turn out to be another node's.</summary>
    private bool WaitAndAdd(object shards, ShardBuffer buffer, in PendingSample sample, WalPosition at, int index, bool isAgain, bool mayRepeat, ref Lost lost)
    {
        TellPending();
        var patience = FirstPatience;
        while (!ending.GivenUp.IsCancellationRequested)
        {
            metrics.EnqueueRetries.Inc();
            Monitor.Wait(shards, patience);
            WhileWaiting?.Invoke();
            if (sample.TimestampMs >= gate.LostFromMs(at))
            {
                lost.TakenOver++;
                return true;
            }

            if (isAgain ? buffer.TryAddAgain(sample, at, index, mayRepeat) : buffer.TryAdd(sample, at, index))
            {
                _enqueued++;
                return true;
            }

            patience = patience * 2 > _longestPatience ? _longestPatience : patience * 2;
        }

        return false;
    }

    private long OldestMs() => config.SampleAgeLimit <= TimeSpan.Zero ? long.MinValue : (time.GetUtcNow() - config.SampleAgeLimit).ToUnixTimeMilliseconds();

    private void TellPending()
    {
        if (_enqueued > 0)
        {
            metrics.Pending.Add(_enqueued);
            _enqueued = 0;
        }
    }

    private void Tell(long newestMs, Lost lost)
    {
        TellPending();
        metrics.Read(newestMs);
        metrics.Dropped(DropReason.Relabelled, lost.Relabelled);
        metrics.Dropped(DropReason.UnknownSeries, lost.Unknown);
        metrics.Dropped(DropReason.TooOld, lost.TooOld);
        metrics.Dropped(DropReason.TakenOver, lost.TakenOver);
        work.Dropped(lost.Relabelled + lost.Unknown + lost.TooOld + lost.TakenOver);
    }

    /// <summary>Samples of one record that are not sent.</summary>
    private struct Lost
    {
        public int Relabelled;
        public int Unknown;
        public int TooOld;
        public int TakenOver;
    }
}
