using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Queries;

/// <summary>
/// Reads the chunks of single series while the writer goes on: takes the chunks of a row (<see cref="SeriesChunks"/>), copies their bytes
/// and decodes the published samples. One per query; its buffers are used again from series to series.
/// </summary>
internal sealed class SampleCursor(HeadBlock head)
{
    private readonly SeriesChunks _chunks = new(head);
    private readonly List<long> _timestamps = [];
    private readonly List<double> _values = [];
    private readonly byte[] _bytes = new byte[ChunkFileFormat.MaxXorEntryBytes];

    /// <summary>Timestamps found by the last call.</summary>
    public List<long> TimestampsMs => _timestamps;

    public List<double> Values => _values;

    /// <summary>Collects the samples from minMs to maxMs, both included; false when there is none.</summary>
    public bool Read(uint row, long minMs, long maxMs)
    {
        _timestamps.Clear();
        _values.Clear();
        _chunks.Take(row, minMs, maxMs);
        for (var i = _chunks.Newest.Count - 1; i >= 0; i--)
        {
            Decode(_chunks.Newest[i].Chunk, minMs, maxMs);
        }

        return _timestamps.Count > 0;
    }

    /// <summary>The newest sample from minMs to maxMs, both included.</summary>
    /// <param name="spacingMs">Since the sample before it in the same chunk; 0 where it is the first of the chunk or of the range.</param>
    public bool TryReadLatest(uint row, long minMs, long maxMs, out long timestampMs, out double value, out long spacingMs)
    {
        _chunks.Take(row, minMs, maxMs);
        foreach (var taken in _chunks.Newest)
        {
            _timestamps.Clear();
            _values.Clear();
            Decode(taken.Chunk, minMs, maxMs);
            if (_timestamps.Count > 0)
            {
                (timestampMs, value) = (_timestamps[^1], _values[^1]);
                spacingMs = _timestamps.Count > 1 ? _timestamps[^1] - _timestamps[^2] : 0;
                return true;
            }
        }

        (timestampMs, value, spacingMs) = (0, 0, 0);
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

    private void Decode(ChunkRef chunk, long minMs, long maxMs)
    {
        var bytes = _chunks.Read(chunk, _bytes, out var count);
        var reader = new XorReader(bytes, count);
        while (reader.MoveNext() && reader.TimestampMs <= maxMs)
        {
            // A chunk that was closed and written to a file just now may come twice.
            if (reader.TimestampMs >= minMs && (_timestamps.Count == 0 || reader.TimestampMs > _timestamps[^1])
                && !DeletedRanges.Covers(_chunks.Deleted, reader.TimestampMs))
            {
                _timestamps.Add(reader.TimestampMs);
                _values.Add(reader.Value);
            }
        }
    }
}
