using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

internal sealed partial class StorageWriter
{
    [LoggerMessage(3102, LogLevel.Information, "Head cut before {MinTimeMs}: {Series} series left, {Collected} without samples collected")]
    private partial void LogTruncated(long minTimeMs, int series, int collected);

    [LoggerMessage(3108, LogLevel.Warning, "No new segment of the log for a checkpoint, the next tick tries again: {Fault}")]
    private partial void LogNoNextSegment(WalWriteFault fault);

    [LoggerMessage(3105, LogLevel.Information, "{Directory} holds {Bytes} bytes, more than the retention size {LimitBytes}: samples before {MinTimeMs} go")]
    private partial void LogOverSize(string directory, long bytes, long limitBytes, long minTimeMs);

    [LoggerMessage(3106, LogLevel.Warning, "Chunks cannot be written to {Directory}; {Waiting} stay in memory until the next try")]
    private partial void LogFlushFailed(string directory, int waiting, Exception failure);

    [LoggerMessage(3107, LogLevel.Warning, "Chunk files in {Directory} are due to go but cannot be deleted; the next cut tries again: check the disk and the rights")]
    private partial void LogFilesStay(string directory, Exception failure);
}
