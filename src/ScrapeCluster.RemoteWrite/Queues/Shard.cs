using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>
/// One sender: takes batches from its buffer, one request at a time, so the samples of a series stay in order. A full batch goes
/// at once, a partial one when nothing was sent for the batch deadline. Recoverable failures are tried again for ever.
/// </summary>
internal sealed partial class Shard(
    ShardBuffer buffer,
    IWriteClient client,
    QueueConfig config,
    QueueMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private readonly WriteRequestEncoder _encoder = new();

    /// <summary>Ends when the buffer is drained, or at once by the token: what is then unsent is counted as dropped.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await SendAllAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            DropRest();
        }
    }

    private async Task SendAllAsync(CancellationToken cancellation)
    {
        var lastSend = time.GetTimestamp();
        while (!buffer.IsDrained)
        {
            cancellation.ThrowIfCancellationRequested();
            var rest = config.BatchSendDeadline - time.GetElapsedTime(lastSend);
            var batch = buffer.Take(partial: rest <= TimeSpan.Zero);
            if (batch is not null)
            {
                await SendAsync(batch, cancellation);
                buffer.Return(batch);
            }
            else if (rest > TimeSpan.Zero)
            {
                await buffer.Arrival.WaitAsync(rest, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            lastSend = time.GetTimestamp();
        }
    }

    private async Task SendAsync(PendingBatch batch, CancellationToken cancellation)
    {
        var taken = batch.Count;
        try
        {
            await SendUntilDoneAsync(batch, cancellation);
        }
        finally
        {
            metrics.Pending.Add(-taken);
        }
    }

    private async Task SendUntilDoneAsync(PendingBatch batch, CancellationToken cancellation)
    {
        var backoff = config.MinBackoff;
        var body = Encode(batch);
        for (var attempt = 0; batch.Count > 0; attempt++)
        {
            var outcome = await TryAsync(batch, body, attempt, cancellation);
            if (outcome.Result == StoreResult.Stored)
            {
                metrics.Sent(batch.Samples);
                return;
            }

            if (outcome.Result == StoreResult.Refused)
            {
                metrics.SamplesFailed.Add(batch.Count);
                LogRefused(batch.Count, outcome.Reason);
                return;
            }

            metrics.SamplesRetried.Add(batch.Count);
            LogRetry(attempt, outcome.Reason);
            var wait = outcome.RetryAfter ?? backoff;
            await WaitAsync(batch, wait, cancellation);
            backoff = RetryRules.NextBackoff(wait, config.MinBackoff, config.MaxBackoff);
            if (DropTooOld(batch) > 0)
            {
                body = Encode(batch);
            }
        }
    }

    private ReadOnlyMemory<byte> Encode(PendingBatch batch)
    {
        DropTooOld(batch);
        return _encoder.Encode(batch.Samples);
    }

    private async Task<StoreOutcome> TryAsync(PendingBatch batch, ReadOnlyMemory<byte> body, int attempt, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        try
        {
            return await client.StoreAsync(body, attempt, cancellation);
        }
        catch (OperationCanceledException)
        {
            metrics.Dropped(DropReason.Shutdown, batch.Count);
            throw;
        }
        finally
        {
            metrics.Tried(time.GetElapsedTime(start), body.Length);
        }
    }

    private async Task WaitAsync(PendingBatch batch, TimeSpan wait, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(wait, time, cancellation);
        }
        catch (OperationCanceledException)
        {
            metrics.Dropped(DropReason.Shutdown, batch.Count);
            throw;
        }
    }

    private int DropTooOld(PendingBatch batch)
    {
        if (config.SampleAgeLimit <= TimeSpan.Zero)
        {
            return 0;
        }

        var removed = batch.RemoveBefore((time.GetUtcNow() - config.SampleAgeLimit).ToUnixTimeMilliseconds());
        metrics.Dropped(DropReason.TooOld, removed);
        return removed;
    }

    private void DropRest()
    {
        while (buffer.Take(partial: true) is { } batch)
        {
            metrics.Dropped(DropReason.Shutdown, batch.Count);
            metrics.Pending.Add(-batch.Count);
            buffer.Return(batch);
        }
    }
}
