using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Queries;

/// <summary>
/// Reads the chunks of single series while the writer goes on: takes a consistent picture of a row's chunks, copies their bytes
/// and decodes the published samples. One per query; its buffers are used again from series to series.
/// </summary>
internal sealed class SampleCursor(HeadBlock head)
{
    private readonly List<ChunkRef> _chunks = [];
    private readonly List<long> _timestamps = [];
    private readonly List<double> _values = [];
    private readonly byte[] _bytes = new byte[4096];

    /// <summary>Timestamps found by the last call.</summary>
    public List<long> TimestampsMs => _timestamps;

    public List<double> Values => _values;

    /// <summary>Collects the samples from minMs to maxMs, both included; false when there is none.</summary>
    public bool Read(uint row, long minMs, long maxMs)
    {
        _timestamps.Clear();
        _values.Clear();
        TakeChunks(row, minMs, maxMs);
        for (var i = _chunks.Count - 1; i >= 0; i--)
        {
            Decode(_chunks[i], minMs, maxMs);
        }

        return _timestamps.Count > 0;
    }

    /// <summary>The newest sample from minMs to maxMs, both included.</summary>
    public bool TryReadLatest(uint row, long minMs, long maxMs, out long timestampMs, out double value)
    {
        TakeChunks(row, minMs, maxMs);
        foreach (var chunk in _chunks)
        {
            _timestamps.Clear();
            _values.Clear();
            Decode(chunk, minMs, maxMs);
            if (_timestamps.Count > 0)
            {
                (timestampMs, value) = (_timestamps[^1], _values[^1]);
                return true;
            }
        }

        (timestampMs, value) = (0, 0);
        return false;
    }

    /// <summary>True when a chunk of the series may have samples in the range; decides by the chunks' ends alone.</summary>
    public static bool Touches(HeadBlock head, uint row, long minMs, long maxMs)
    {
        ref var series = ref head.Series.Row(row);
        if (Volatile.Read(ref series.Open) != 0
            && Volatile.Read(ref series.LastTimestampMs) >= minMs
            && Volatile.Read(ref series.OpenMinMs) <= maxMs)
        {
            return true;
        }

        for (var closed = Volatile.Read(ref series.Closed); closed != ClosedChunks.None; closed = Volatile.Read(ref head.Closed[closed].Older))
        {
            ref var node = ref head.Closed[closed];
            if (node.MinMs <= maxMs && node.MaxMs >= minMs)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Newest first. The writer links a closed chunk before it publishes the next open one: if the link did not change while
    /// the open chunk was taken, nothing is missed, and a chunk seen on both sides is known by its first block.
    /// </summary>
    private void TakeChunks(uint row, long minMs, long maxMs)
    {
        ref var series = ref head.Series.Row(row);
        uint closed;
        ChunkRef open;
        do
        {
            closed = Volatile.Read(ref series.Closed);
            open = new ChunkRef(Volatile.Read(ref series.Open));
        }
        while (Volatile.Read(ref series.Closed) != closed);

        _chunks.Clear();
        if (!open.IsNone)
        {
            _chunks.Add(open);
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
                _chunks.Add(chunk);
            }
        }
    }

    private void Decode(ChunkRef chunk, long minMs, long maxMs)
    {
        var bytes = ReadBytes(chunk, out var count);
        var reader = new XorReader(bytes, count);
        while (reader.MoveNext() && reader.TimestampMs <= maxMs)
        {
            // A chunk that was closed and written to a file just now may come twice.
            if (reader.TimestampMs >= minMs && (_timestamps.Count == 0 || reader.TimestampMs > _timestamps[^1]))
            {
                _timestamps.Add(reader.TimestampMs);
                _values.Add(reader.Value);
            }
        }
    }

    private ReadOnlySpan<byte> ReadBytes(ChunkRef chunk, out int count)
    {
        if (chunk.IsOnDisk)
        {
            return head.Files!.Read(chunk, _bytes, out count);
        }

        count = chunk.SampleCount;
        var bytes = _bytes.AsSpan(0, chunk.LengthBytes);
        head.Blocks.Copy(chunk.FirstBlock, bytes);
        return bytes;
    }
}
