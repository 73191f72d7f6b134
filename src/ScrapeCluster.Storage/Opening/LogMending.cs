using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Opening;

/// <summary>Repairs a log after it was read, and says what was found and what became of it.</summary>
internal static partial class LogMending
{
    public static void Mend(IReadOnlyList<WalDamage> damages, WalRepairMode mode, IDataFiles files, ILogger logger)
    {
        Tell(damages, logger);
        foreach (var outcome in WalRepair.Repair(damages, mode, files))
        {
            if (outcome.Failure is not null)
            {
                LogNotMended(logger, outcome.First.File, outcome.Failure);
            }
            else if (outcome.RecordsKeptBehind > 0)
            {
                LogMended(logger, outcome.First.File, outcome.RecordsKeptBehind, outcome.Copy);
            }
            else if (!outcome.IsTornEnd)
            {
                LogCut(logger, outcome.First.File, outcome.First.Offset, outcome.RecordsDropped, outcome.SegmentsDropped);
            }
        }
    }

    /// <summary>Says where the log is damaged.</summary>
    public static void Tell(IReadOnlyList<WalDamage> damages, ILogger logger)
    {
        foreach (var damage in damages)
        {
            LogDamage(logger, damage);
        }
    }

    [LoggerMessage(3001, LogLevel.Warning, "Damage in the {Damage}")]
    private static partial void LogDamage(ILogger logger, WalDamage damage);

    [LoggerMessage(3002, LogLevel.Warning, "Segment {File} was written again without its damage, {Records} records behind it kept; the damaged bytes are in {Copy}")]
    private static partial void LogMended(ILogger logger, string file, long records, string? copy);

    [LoggerMessage(3003, LogLevel.Error, "Segment {File} could not be mended ({Reason}): other programs may refuse it")]
    private static partial void LogNotMended(ILogger logger, string file, string reason);

    [LoggerMessage(3005, LogLevel.Warning, "Segment {File} was cut at offset {Offset}, as scrapecluster.storage.wal.repair = cut demands: {Records} records and {Segments} segments behind the damage are gone")]
    private static partial void LogCut(ILogger logger, string file, long offset, long records, int segments);
}
