using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>
/// The chunks of one series that are made here, one behind the other in one array that is used again from series to series: borrowed until
/// <see cref="Clear"/>. An array that was too small goes on living as long as chunks point to it.
/// </summary>
internal sealed class ChunkBuffer
{
    private readonly XorChunkWriter _writer = new();
    private byte[] _bytes = new byte[16 * 1024];
    private int _length;

    public void Clear() => _length = 0;

    /// <summary>Room for the bytes of a chunk, to be filled by the caller.</summary>
    public Memory<byte> Take(int lengthBytes)
    {
        if (_bytes.Length - _length < lengthBytes)
        {
            _bytes = new byte[Math.Max(_bytes.Length * 2, lengthBytes)];
            _length = 0;
        }

        var taken = _bytes.AsMemory(_length, lengthBytes);
        _length += lengthBytes;
        return taken;
    }

    /// <summary>Adds a sample to the chunk being made; a full one goes to <paramref name="chunks"/>. Samples come in order of time.</summary>
    public void Encode(long timestampMs, double value, List<BlockChunk> chunks)
    {
        if (_writer.SampleCount == ChunkCut.AimedSamples)
        {
            EndChunk(chunks);
        }

        _writer.Add(timestampMs, value);
    }

    /// <summary>Ends the chunk being made, if there is one.</summary>
    public void EndChunk(List<BlockChunk> chunks)
    {
        if (_writer.SampleCount == 0)
        {
            return;
        }

        var data = Take(_writer.LengthBytes);
        var (minMs, maxMs) = (_writer.MinMs, _writer.MaxMs);
        _writer.Finish(data.Span);
        chunks.Add(new BlockChunk(minMs, maxMs, ChunkFileFormat.XorEncoding, data));
    }
}
