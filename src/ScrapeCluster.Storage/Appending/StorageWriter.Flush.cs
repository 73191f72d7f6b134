using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Appending;

/// <summary>Moving closed chunks to files, on a thread beside.</summary>
internal sealed partial class StorageWriter
{
    /// <summary>So many closed chunks are worth a write at once; fewer wait for the tick.</summary>
    private const int FlushAtChunks = 4096;

    public bool IsFlushDue => _flush is null && !_flushFailed && _head.WaitingForFlush >= FlushAtChunks;

    /// <summary>Starts writing closed chunks, if there are any; hand the end to <see cref="EndFlush"/>.</summary>
    public Task<ChunkFlush>? BeginFlush()
    {
        if (_flush is not null || _head.BeginFlush() is not { } flush)
        {
            return null;
        }

        return _flush = flush.RunAsync();
    }

    public void EndFlush(ChunkFlush flush)
    {
        _flush = null;
        _flushFailed = flush.Failure is not null;
        _head.EndFlush(flush);
        if (flush.Failure is { } failure)
        {
            LogFlushFailed(_options.ChunksPath, _head.WaitingForFlush, failure);
        }
    }
}
