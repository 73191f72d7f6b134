using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.Queues.Sharding;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>
/// One sender: takes batches from its buffer, one request at a time, so the samples of a series stay in order. A full batch goes
/// at once, a partial one when nothing was sent for the batch deadline. Recoverable failures are tried again for ever. Where each request ends is
/// written down before it is sent, and that it was answered after.
/// </summary>
internal sealed partial class Shard(
    int number,
    ShardPositions positions,
    PositionJournal journal,
    ShardBuffer buffer,
    IWriteClient client,
    QueueConfig config,
    QueueEnding ending,
    QueueWork work,
    ReshardPermit permit,
    QueueMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>A receiver may ask for any wait; timers have an end.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly SampleEncoder _encoder = new(client.Format);
    private PendingBatch? _part;

    private enum Answer
    {
        Taken,
        Refused,

        /// <summary>400: what a receiver answers to samples that it has already.</summary>
        RefusedSamples,

        /// <summary>The queue ends: the request stays owed.</summary>
        None,
    }

    /// <summary>Ends when the buffer is drained, or when the queue gives up: what is then unsent stays owed.</summary>
    public async Task RunAsync()
    {
        try
        {
            await SendAllAsync();
        }
        catch (OperationCanceledException) when (ending.Aborted.IsCancellationRequested)
        {
            // The request on its way stays owed.
        }
        catch
        {
            // A bug: the queue is made anew as a whole.
            ending.Abort();
            throw;
        }

        LeaveRest();
    }

    private async Task SendAllAsync()
    {
        var lastSend = time.GetTimestamp();
        while (!buffer.IsDrained && !ending.GivenUp.IsCancellationRequested)
        {
            var rest = config.BatchSendDeadline - time.GetElapsedTime(lastSend);
            var batch = buffer.Take(partial: rest <= TimeSpan.Zero);
            if (batch is not null)
            {
                if (!await SendAsync(batch))
                {
                    return;
                }

                buffer.Return(batch);
            }
            else if (rest > TimeSpan.Zero)
            {
                await buffer.Arrival.WaitAsync(rest, time, ending.GivenUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            lastSend = time.GetTimestamp();
        }
    }

    /// <summary>False when the queue ends before the receiver has answered.</summary>
    private async Task<bool> SendAsync(PendingBatch batch)
    {
        var taken = batch.Count;
        var end = batch.End;
        var isDone = false;
        var start = time.GetTimestamp();
        try
        {
            isDone = journal.TryBegin(positions, number, end) && await SendWholeOrSplitAsync(batch);
        }
        finally
        {
            metrics.Pending.Add(-taken);
            if (!isDone)
            {
                CountUnsent(batch.Count);
            }
        }

        if (isDone)
        {
            journal.Acknowledge(positions, number, end);
            work.Ended(taken, time.GetElapsedTime(start));
            permit.Ended(time.GetUtcNow());
        }

        return isDone;
    }

    private async Task<bool> SendWholeOrSplitAsync(PendingBatch batch)
    {
        var answer = await SendUntilAnsweredAsync(batch);
        if (answer != Answer.RefusedSamples)
        {
            return answer != Answer.None;
        }

        if (batch.Count < 2)
        {
            metrics.RepeatsRefused.Add(batch.Count);
            return true;
        }

        _part ??= new PendingBatch(batch.Count);
        var split = new RequestSplit(batch.Count);
        LogSplitting(batch.Count);
        while (split.TryNext(out var start, out var count))
        {
            _part.CopyFrom(batch, start, count);
            _part.NoteRepeats();
            answer = await SendUntilAnsweredAsync(_part);
            if (answer == Answer.None)
            {
                return false;
            }

            if (answer == Answer.RefusedSamples && !split.TryHalve(start, count))
            {
                metrics.RepeatsRefused.Inc();
            }
        }

        return true;
    }

    private async Task<Answer> SendUntilAnsweredAsync(PendingBatch batch)
    {
        var backoff = config.MinBackoff;
        var request = Encode(batch);
        for (var attempt = 0; batch.Count > 0; attempt++)
        {
            var outcome = await TryAsync(request, attempt);
            if (outcome.Result == StoreResult.Stored)
            {
                metrics.Sent(batch.Samples, outcome.LostOf(batch.Count));
                if (outcome.Reason.Length > 0)
                {
                    LogPartlyWritten(outcome.Reason);
                }

                return Answer.Taken;
            }

            if (outcome.Result == StoreResult.Refused)
            {
                return Refused(batch, outcome);
            }

            if (outcome.Status is 0 or >= 500)
            {
                // The receiver may have taken it all the same.
                batch.NoteRepeats();
            }

            metrics.SamplesRetried.Add(batch.Count);
            LogRetry(attempt, outcome.Reason);
            metrics.Failed(outcome.Reason, time.GetUtcNow());
            var wait = outcome.RetryAfter ?? backoff;
            permit.Failed(time.GetUtcNow(), wait);
            if (!await TryWaitAsync(wait))
            {
                return Answer.None;
            }

            backoff = RetryRules.NextBackoff(wait, config.MinBackoff, config.MaxBackoff);
            if (DropUnwanted(batch) > 0 || _encoder.IsOutdated(request))
            {
                request = Encode(batch);
            }
        }

        return Answer.Taken;
    }

    private Answer Refused(PendingBatch batch, StoreOutcome outcome)
    {
        if (outcome.Status == 400 && batch.MayRepeat)
        {
            if (outcome.SamplesWritten is not > 0)
            {
                return Answer.RefusedSamples;
            }

            // The receiver has told the good from the bad by itself.
            metrics.RepeatsRefused.Add(outcome.LostOf(batch.Count));
            return Answer.Refused;
        }

        metrics.SamplesFailed.Add(outcome.LostOf(batch.Count));
        LogRefused(batch.Count, outcome.Reason);
        metrics.Failed(outcome.Reason, time.GetUtcNow());
        return Answer.Refused;
    }

    private EncodedRequest Encode(PendingBatch batch)
    {
        DropUnwanted(batch);
        return _encoder.Encode(batch.Samples);
    }

    private async Task<StoreOutcome> TryAsync(EncodedRequest request, int attempt)
    {
        var start = time.GetTimestamp();
        try
        {
            return await client.StoreAsync(request, attempt, ending.Aborted);
        }
        finally
        {
            metrics.Tried(time.GetElapsedTime(start), request.Length);
        }
    }

    /// <summary>False when the queue ends meanwhile.</summary>
    private async Task<bool> TryWaitAsync(TimeSpan wait)
    {
        ending.StartWaiting();
        try
        {
            await Task.Delay(wait < LongestWait ? wait : LongestWait, time, ending.GivenUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return !ending.GivenUp.IsCancellationRequested;
        }
        finally
        {
            ending.StopWaiting();
        }
    }

    private int DropUnwanted(PendingBatch batch)
    {
        var givenUp = batch.RemoveGivenUp();
        metrics.Dropped(DropReason.TakenOver, givenUp);
        if (config.SampleAgeLimit <= TimeSpan.Zero)
        {
            return givenUp;
        }

        var removed = batch.RemoveBefore((time.GetUtcNow() - config.SampleAgeLimit).ToUnixTimeMilliseconds());
        metrics.Dropped(DropReason.TooOld, removed);
        return givenUp + removed;
    }

    private void LeaveRest()
    {
        var left = buffer.Abandon();
        metrics.Pending.Add(-left);
        CountUnsent(left);
    }

    private void CountUnsent(int count)
    {
        if (ending.DropsRest)
        {
            metrics.Dropped(DropReason.Shutdown, count);
        }
    }
}
