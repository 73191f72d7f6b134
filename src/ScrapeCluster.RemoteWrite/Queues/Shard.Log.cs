using Microsoft.Extensions.Logging;

namespace ScrapeCluster.RemoteWrite.Queues;

internal sealed partial class Shard
{
    [LoggerMessage(5010, LogLevel.Error, "The receiver refused {Count} samples for good, they are dropped: {Reason}")]
    private partial void LogRefused(int count, string reason);

    [LoggerMessage(5013, LogLevel.Error, "A request was taken in part, the rest is dropped: {Reason}")]
    private partial void LogPartlyWritten(string reason);

    [LoggerMessage(5014, LogLevel.Information, "The receiver refused {Count} samples, some of which it may have from before a stop: they are sent again in parts")]
    private partial void LogSplitting(int count);

    /// <summary>The first tries fail in normal life, whenever a receiver restarts.</summary>
    private void LogRetry(int attempt, string reason)
    {
        if (attempt is 3 || (attempt > 3 && attempt % 60 == 0))
        {
            LogStillRetrying(attempt + 1, reason);
        }
        else
        {
            LogRetrying(attempt + 1, reason);
        }
    }

    [LoggerMessage(5011, LogLevel.Debug, "Try {Attempt} of a request failed and is repeated: {Reason}")]
    private partial void LogRetrying(int attempt, string reason);

    [LoggerMessage(5012, LogLevel.Warning, "Try {Attempt} of a request failed, the queue waits for its receiver: {Reason}")]
    private partial void LogStillRetrying(int attempt, string reason);
}
