using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Head;

/// <summary>Closed chunks leave memory for files; see <see cref="ChunkFlush"/>.</summary>
internal sealed partial class HeadBlock
{
    private const int ChunksPerFlush = 1 << 16;

    private readonly Queue<ClosedChunk> _toFlush = new();
    private ChunkFiles? _files;

    /// <summary>Null while the head lives in memory alone.</summary>
    public ChunkFiles? Files
    {
        get => Volatile.Read(ref _files);
        set => Volatile.Write(ref _files, value);
    }

    public int WaitingForFlush => _toFlush.Count;

    /// <summary>Some of the closed chunks in memory, ready to be written; null when there are none.</summary>
    public ChunkFlush? BeginFlush()
    {
        if (_files is null || _toFlush.Count == 0)
        {
            return null;
        }

        var chunks = new List<ClosedChunk>(Math.Min(_toFlush.Count, ChunksPerFlush));
        while (chunks.Count < ChunksPerFlush && _toFlush.TryDequeue(out var chunk))
        {
            if (IsStill(chunk))
            {
                chunks.Add(chunk);
            }
        }

        return new ChunkFlush(this, _files, chunks);
    }

    /// <summary>Lets the chunks that were written point to their file; the rest waits again.</summary>
    public void EndFlush(ChunkFlush flush)
    {
        for (var i = 0; i < flush.Chunks.Count; i++)
        {
            var chunk = flush.Chunks[i];
            if (i >= flush.Written.Count)
            {
                _toFlush.Enqueue(chunk);
            }
            else if (IsStill(chunk))
            {
                Volatile.Write(ref Closed[chunk.Node].Chunk, flush.Written[i].Word);
                _retired.Add(RetiredKind.Chain, chunk.Chunk.FirstBlock);
            }
        }

        flush.Release();
        Reclaim();
    }

    /// <summary>Attaches a chunk that is in a file to a series, behind those it has; false when it is not newer.</summary>
    public bool Attach(uint row, long minMs, long maxMs, ChunkRef chunk)
    {
        ref var series = ref Series.Row(row);
        if (series.Open != 0 || minMs <= series.LastTimestampMs)
        {
            return false;
        }

        series.LastTimestampMs = maxMs;
        series.LastValueBits = 0;
        Volatile.Write(ref series.Closed, Closed.Add(minMs, maxMs, chunk, series.Closed));
        Volatile.Write(ref _closedCount, _closedCount + 1);
        Cover(minMs, maxMs);
        return true;
    }

    private void NoteForFlush(uint node, ulong seriesRef)
    {
        if (_files is not null)
        {
            ref var closed = ref Closed[node];
            _toFlush.Enqueue(new ClosedChunk(node, seriesRef, closed.MinMs, closed.MaxMs, new ChunkRef(closed.Chunk)));
        }
    }

    /// <summary>A dropped node holds no chunk, and one used again holds a younger one.</summary>
    private bool IsStill(ClosedChunk chunk)
    {
        ref var node = ref Closed[chunk.Node];
        return node.Chunk == chunk.Chunk.Word && node.MinMs == chunk.MinMs && node.MaxMs == chunk.MaxMs;
    }
}
