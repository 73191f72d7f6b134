using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Head;

/// <param name="MaxMs">Of the open chunk <see cref="long.MaxValue"/>: it may have grown since.</param>
internal readonly record struct TakenChunk(long MinMs, long MaxMs, ChunkRef Chunk)
{
    public bool IsOpen => MaxMs == long.MaxValue;
}

/// <summary>
/// Takes consistent pictures of the chunks of single series while the writer goes on. Used under one reader epoch; what was taken is valid as
/// long as that is held.
/// </summary>
internal sealed class SeriesChunks(HeadBlock head)
{
    private readonly List<TakenChunk> _chunks = [];

    /// <summary>What the last call took, newest first. A chunk that was closed and written to a file just now may come twice.</summary>
    public IReadOnlyList<TakenChunk> Newest => _chunks;

    /// <summary>Ranges deleted from the series that was taken last; its chunks still have the samples. Null when there are none.</summary>
    public DeletedRange[]? Deleted { get; private set; }

    /// <summary>
    /// Takes the chunks that may have samples from minMs to maxMs, both included. The writer links a closed chunk before it publishes beginning and
    /// bytes of the next open one: if the link did not change while the open chunk was taken, nothing is missed, and a chunk seen on both sides is
    /// known by its first block.
    /// </summary>
    public void Take(uint row, long minMs, long maxMs)
    {
        ref var series = ref head.Series.Row(row);
        uint closed;
        ChunkRef open;
        long openMinMs;
        do
        {
            closed = Volatile.Read(ref series.Closed);
            open = new ChunkRef(Volatile.Read(ref series.Open));
            openMinMs = Volatile.Read(ref series.OpenMinMs);
        }
        while (Volatile.Read(ref series.Closed) != closed);

        Deleted = head.Deleted.Of(row);
        _chunks.Clear();
        if (!open.IsNone && openMinMs <= maxMs)
        {
            _chunks.Add(new TakenChunk(openMinMs, long.MaxValue, open));
        }

        for (; closed != ClosedChunks.None; closed = Volatile.Read(ref head.Closed[closed].Older))
        {
            ref var node = ref head.Closed[closed];
            if (node.MaxMs < minMs)
            {
                return;
            }

            var chunk = new ChunkRef(Volatile.Read(ref node.Chunk));
            if (chunk.IsNone)
            {
                // Dropped while we walk, newest first: those behind it go too, and to take one of them would leave a hole.
                return;
            }

            var isOpenToo = !open.IsNone && !chunk.IsOnDisk && chunk.FirstBlock == open.FirstBlock;
            if (node.MinMs <= maxMs && !isOpenToo)
            {
                _chunks.Add(new TakenChunk(node.MinMs, node.MaxMs, chunk));
            }
        }
    }

    /// <summary>The bytes of a chunk without the count, in the front of <paramref name="buffer"/> or wherever they came to lie in it.</summary>
    /// <exception cref="IOException">The chunk could not be read from its file.</exception>
    public ReadOnlySpan<byte> Read(ChunkRef chunk, byte[] buffer, out int sampleCount)
    {
        if (chunk.IsOnDisk)
        {
            return head.Files!.Read(chunk, buffer, out sampleCount);
        }

        sampleCount = chunk.SampleCount;
        var bytes = buffer.AsSpan(0, chunk.LengthBytes);
        head.Blocks.Copy(chunk.FirstBlock, bytes);
        return bytes;
    }
}
