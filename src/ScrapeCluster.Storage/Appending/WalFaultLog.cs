using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>Says once that the log cannot be written, and once that it can again; each batch's answer says what to do.</summary>
/// <param name="keepLess">The flag that makes the directory smaller.</param>
internal sealed partial class WalFaultLog(string path, string keepLess, StorageCounters counters, ILogger logger)
{
    private long _failedInARow;
    private WalWriteFault? _lastSyncFault;

    /// <summary>Notes the fault; returns the text for whoever sent the batch.</summary>
    public string Failed(WalWriteFault fault)
    {
        Note(fault);
        return fault.DiskFull
            ? $"{fault}; nothing of this scrape is stored: make room on the disk of {path}, or keep less ({keepLess})"
            : $"{fault}; nothing of this scrape is stored: check the disk and the rights of {path}";
    }

    /// <summary>The same for batches that are written and not on the disk.</summary>
    public string NotFlushed(WalWriteFault fault)
    {
        Note(fault);
        return $"{fault}; this scrape is not safe from a power cut, as scrapecluster.storage.wal.fsync = batch demands: check the disk of {path}";
    }

    public void Succeeded()
    {
        if (_failedInARow > 0)
        {
            LogWritesAgain(path, _failedInARow);
            _failedInARow = 0;
        }
    }

    /// <summary>Tells of a flush beside the writing that failed since the last look.</summary>
    public void Look(WalWriteFault? syncFault)
    {
        if (syncFault is not null && !ReferenceEquals(syncFault, _lastSyncFault))
        {
            _lastSyncFault = syncFault;
            LogSyncFailed(syncFault);
        }
    }

    private void Note(WalWriteFault fault)
    {
        counters.WalWritesFailed++;
        if (_failedInARow++ == 0)
        {
            LogWriteFailed(fault);
        }
    }

    [LoggerMessage(3100, LogLevel.Error, "Samples cannot be stored, scrapes fail until this is mended: {Fault}")]
    private partial void LogWriteFailed(WalWriteFault fault);

    [LoggerMessage(3101, LogLevel.Information, "Samples are stored in {Directory} again, after {Failed} scrapes that were not")]
    private partial void LogWritesAgain(string directory, long failed);

    [LoggerMessage(3109, LogLevel.Error, "The log could not be forced to the disk: what it holds can be read, but a power cut may take it: {Fault}")]
    private partial void LogSyncFailed(WalWriteFault fault);
}
