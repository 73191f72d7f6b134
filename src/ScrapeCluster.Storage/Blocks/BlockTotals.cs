using System.Buffers.Binary;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>Counts what a block holds by decoding all of it.</summary>
internal sealed class BlockTotals(ChunkSegmentReader? segments)
{
    private readonly ChunkCursor? _chunks = segments is null ? null : new ChunkCursor(segments, ChunkCursor.PassWindowBytes);
    private long _chunkCount;
    private long _samples;

    public long Series { get; set; }

    public bool AreThoseOf(BlockStats stats)
    {
        return segments is not null && (Series, _chunkCount, _samples) == (stats.Series, stats.Chunks, stats.Samples);
    }

    /// <exception cref="BlockDamageException">The chunk is not what the index tells of it.</exception>
    public void Read(in ChunkEntry chunk)
    {
        if (_chunks is null)
        {
            return;
        }

        var data = _chunks.Read(chunk.Ref, out var encoding);
        _chunkCount++;
        _samples += data.Length < sizeof(ushort) ? 0 : BinaryPrimitives.ReadUInt16BigEndian(data);
        if (encoding == ChunkFileFormat.XorEncoding && !XorChunk.IsFromTo(data, chunk.MinMs, chunk.MaxMs))
        {
            throw _chunks.Damage(chunk.Ref, $"the samples do not go from {chunk.MinMs} to {chunk.MaxMs} in the order of time");
        }
    }

    public override string ToString() => $"{Series}, {_chunkCount} and {_samples}";
}
