using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>
/// Sends the metadata of all families at an interval, in requests of its own, as remote write 1.0 has it. What could not be sent
/// before the next round is left to that round. A receiver of 2.0 gets it with the samples instead.
/// </summary>
internal sealed partial class MetadataSender(
    RemoteWriteConfig config,
    Func<IEnumerable<MetadataEntry>> source,
    IWriteClient client,
    QueueMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private readonly WriteRequestEncoder _encoder = new();

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var rounds = new PeriodicTimer(config.Metadata.SendInterval, time);
        try
        {
            while (await rounds.WaitForNextTickAsync(cancellation))
            {
                if (client.Format.Message != RemoteWriteMessage.V1)
                {
                    continue;
                }

                foreach (var families in source().Distinct().Chunk(Math.Max(1, config.Metadata.MaxSamplesPerSend)))
                {
                    await SendAsync(families, cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The queue ends; samples are worth waiting for, metadata is not.
        }
    }

    private async Task SendAsync(MetadataEntry[] families, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var body = new EncodedRequest(_encoder.Encode(families), RemoteWriteMessage.V1, 0);
        var wait = config.Queue.MinBackoff;
        for (var attempt = 0; ; attempt++)
        {
            var outcome = await client.StoreAsync(body, attempt, cancellation);
            metrics.MetadataBytes.Add((long)body.Length);
            if (outcome.Result == StoreResult.Stored)
            {
                metrics.MetadataTotal.Add(families.Length);
                return;
            }

            if (outcome.Result == StoreResult.Refused || time.GetElapsedTime(start) > config.Metadata.SendInterval)
            {
                metrics.MetadataFailed.Add(families.Length);
                LogMetadataFailed(families.Length, outcome.Reason);
                return;
            }

            metrics.MetadataRetried.Add(families.Length);
            await Task.Delay(outcome.RetryAfter ?? wait, time, cancellation);
            wait = RetryRules.NextBackoff(wait, config.Queue.MinBackoff, config.Queue.MaxBackoff);
        }
    }

    [LoggerMessage(5015, LogLevel.Warning, "Metadata of {Count} families was not taken by the receiver: {Reason}")]
    private partial void LogMetadataFailed(int count, string reason);
}
