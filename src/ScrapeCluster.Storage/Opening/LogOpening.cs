using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Metrics;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Opening;

/// <summary>Opens a log that was read and mended for its writer, so that no reference of a series is ever given twice.</summary>
internal static partial class LogOpening
{
    /// <param name="refs">What the log and the chunk files speak of; afterwards also what was given by those before and is not to be found any more.</param>
    /// <exception cref="IOException">The directory cannot be written to.</exception>
    public static OpenedLog Open(
        string walDirectory, WalOptions options, IDataFiles files, WalMetrics metrics, TimeProvider time, SeriesRefs refs, ILogger logger)
    {
        files.CreateFolder(walDirectory);
        var reserve = SeriesRefReserve.Open(walDirectory, files);
        refs.Reserve(reserve.Limit);
        if (reserve.IsDamaged)
        {
            // What was given is not known: a step further is further than anybody went.
            refs.Reserve(refs.Highest + SeriesRefReserve.Step);
            LogDamagedReserve(logger, Path.Combine(walDirectory, SeriesRefReserve.FileName), refs.Highest + 1);
        }

        if (reserve.Cover(refs.Highest + 1) is { } fault)
        {
            throw fault.ToException();
        }

        return new OpenedLog(WalWriter.Open(walDirectory, options, files, metrics, time), reserve, files);
    }

    [LoggerMessage(3006, LogLevel.Warning, "{File} is damaged: new series get references from {First} on")]
    private static partial void LogDamagedReserve(ILogger logger, string file, ulong first);
}
