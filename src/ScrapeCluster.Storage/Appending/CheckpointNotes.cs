using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Opening;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>Counts checkpoints and tells what they met on the way.</summary>
internal sealed partial class CheckpointNotes(StorageCounters counters, ILogger logger)
{
    private bool _hasToldOfDropped;

    public void Written(CheckpointOutcome outcome)
    {
        counters.WalTruncations++;
        counters.WalCorruptions += outcome.Damages.Count;
        LogMending.Tell(outcome.Damages, logger);
        if (outcome.RestoredSeries > 0)
        {
            LogRestored(outcome.RestoredSeries);
        }

        counters.WalDroppedRecords += outcome.Counts.OtherRecords;
        if (outcome.Counts.OtherRecords > 0 && !_hasToldOfDropped)
        {
            _hasToldOfDropped = true;
            LogDropped(outcome.Counts.OtherRecords, outcome.LastSegment);
        }

        LogWritten(outcome.LastSegment, outcome.Counts.Series, outcome.Counts.Samples, outcome.Counts.DroppedSamples);
    }

    public void Failed(string directory, Exception failure)
    {
        counters.WalTruncationsFailed++;
        LogFailed(directory, failure);
    }

    [LoggerMessage(3103, LogLevel.Information, "Write-ahead log cut up to segment {Segment}: its checkpoint holds {Series} series and {Samples} samples, {Dropped} samples dropped")]
    private partial void LogWritten(int segment, long series, long samples, long dropped);

    [LoggerMessage(3104, LogLevel.Warning, "Checkpoint in {Directory} failed, the log stays as long as it is and the next look tries again")]
    private partial void LogFailed(string directory, Exception failure);

    [LoggerMessage(3110, LogLevel.Information, "Records of {Series} series were written to the checkpoint from memory, since damage may have taken those of the log")]
    private partial void LogRestored(long series);

    [LoggerMessage(3111, LogLevel.Warning, "{Records} records of kinds that are not known here went with the log up to segment {Segment}; later ones are counted only, by scrapecluster_wal_dropped_records_total")]
    private partial void LogDropped(long records, int segment);
}
