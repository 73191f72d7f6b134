using System.Buffers.Binary;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Chunks;

/// <summary>
/// Encodes samples into whole XOR chunks as files hold them: the count in two bytes, then the samples. Works in blocks of its own with the
/// encoder of the head, so there is one encoder. Not safe for concurrent use.
/// </summary>
internal sealed class XorChunkWriter
{
    private readonly ChunkBlocks _blocks = new();
    private SeriesRow _row;

    public int SampleCount => _row.OpenChunk.SampleCount;

    /// <summary>Of the first sample; only where there is one.</summary>
    public long MinMs => _row.OpenMinMs;

    /// <summary>Of the last sample; only where there is one.</summary>
    public long MaxMs => _row.LastTimestampMs;

    public int LengthBytes => XorChunk.CountBytes + _row.OpenChunk.LengthBytes;

    /// <summary>Adds a sample newer than the last; at most <see cref="ChunkCut.MaxSamples"/> to one chunk.</summary>
    public void Add(long timestampMs, double value)
    {
        var valueBits = BitConverter.DoubleToUInt64Bits(value);
        if (_row.Open == 0)
        {
            XorAppender.Start(ref _row, _blocks, timestampMs, valueBits);
        }
        else
        {
            XorAppender.Append(ref _row, _blocks, timestampMs, valueBits);
        }
    }

    /// <summary>Writes the chunk to the front of <paramref name="destination"/> and begins the next.</summary>
    public void Finish(Span<byte> destination)
    {
        var chunk = _row.OpenChunk;
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)chunk.SampleCount);
        _blocks.Copy(chunk.FirstBlock, destination.Slice(XorChunk.CountBytes, chunk.LengthBytes));
        _blocks.FreeChain(chunk.FirstBlock);
        _row = default;
    }
}
