using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

internal sealed partial class StorageWriter
{
    [LoggerMessage(3100, LogLevel.Error, "Samples cannot be stored, scrapes fail until this is mended: {Fault}")]
    private partial void LogWriteFailed(WalWriteFault fault);

    [LoggerMessage(3101, LogLevel.Information, "Samples are stored in {Directory} again, after {Failed} scrapes that were not")]
    private partial void LogWritesAgain(string directory, long failed);

    [LoggerMessage(3102, LogLevel.Information, "Head cut before {MinTimeMs}: {Series} series left, {Collected} without samples collected")]
    private partial void LogTruncated(long minTimeMs, int series, int collected);

    [LoggerMessage(3103, LogLevel.Information, "Write-ahead log cut up to segment {Segment}: its checkpoint holds {Series} series and {Samples} samples, {Dropped} samples dropped")]
    private partial void LogCheckpoint(int segment, long series, long samples, long dropped);

    [LoggerMessage(3104, LogLevel.Warning, "Checkpoint in {Directory} failed, the log stays as long as it is and the next tick tries again")]
    private partial void LogCheckpointFailed(string directory, Exception failure);

    [LoggerMessage(3105, LogLevel.Information, "{Directory} holds {Bytes} bytes, more than the retention size {LimitBytes}: samples before {MinTimeMs} go")]
    private partial void LogOverSize(string directory, long bytes, long limitBytes, long minTimeMs);

    [LoggerMessage(3106, LogLevel.Warning, "Chunks cannot be written to {Directory}; {Waiting} stay in memory until the next try")]
    private partial void LogFlushFailed(string directory, int waiting, Exception failure);

    [LoggerMessage(3107, LogLevel.Warning, "Chunk files in {Directory} are due to go but cannot be deleted; the next cut tries again: check the disk and the rights")]
    private partial void LogFilesStay(string directory, Exception failure);
}
