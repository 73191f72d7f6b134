using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Storage.Compaction;

internal sealed partial class Compactor
{
    [LoggerMessage(3200, LogLevel.Information, "Block {Block} of the head's samples from {MinMs} until {EndMs}: {Series} series, {Samples} samples, written in {Seconds:F1} s")]
    private partial void LogHeadWritten(Ulid block, long minMs, long endMs, long series, long samples, double seconds);

    [LoggerMessage(3201, LogLevel.Information, "Block {Block} from {MinMs} until {EndMs}, level {Level}, merged of {Parents}: {Series} series, {Samples} samples, in {Seconds:F1} s")]
    private partial void LogMerged(Ulid block, long minMs, long endMs, int level, int parents, long series, long samples, double seconds);

    [LoggerMessage(3202, LogLevel.Information, "Block {Block} goes: {Reason}")]
    private partial void LogDeleted(Ulid block, BlockSurplus reason);

    [LoggerMessage(3203, LogLevel.Warning, "Blocks {Blocks} cannot be merged; they stay as they are and rest for {Rounds} rounds")]
    private partial void LogMergeFailed(string blocks, int rounds, Exception failure);

    [LoggerMessage(3204, LogLevel.Warning, "{Folders} are not needed any more and cannot be deleted; the next start tries again: check the disk and the rights")]
    private partial void LogNotDeleted(string folders, Exception failure);

    [LoggerMessage(3205, LogLevel.Error, "Compaction in {Directory} failed; samples stay in memory and log, and it is tried again in a minute, later in ten: make room on the disk, or check its rights")]
    private partial void LogFailed(string directory, Exception failure);

    [LoggerMessage(3206, LogLevel.Information, "Block {Block} from {MinMs} until {EndMs} was put into the directory: {Series} series")]
    private partial void LogFound(Ulid block, long minMs, long endMs, long series);

    [LoggerMessage(3207, LogLevel.Warning, "{Folder} is gone from the disk, and with it what no other block has of the samples from {MinMs} until {EndMs}")]
    private partial void LogVanished(string folder, long minMs, long endMs);

    [LoggerMessage(3208, LogLevel.Warning, "{Folder} was put into the directory and cannot be opened as a block; it is left as it is, its samples are missing: {Reason}")]
    private partial void LogBad(string folder, string reason);
}
