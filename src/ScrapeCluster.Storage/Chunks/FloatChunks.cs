using System.Runtime.InteropServices;
using ScrapeCluster.Storage.Blocks;

namespace ScrapeCluster.Storage.Chunks;

/// <summary>Between samples and chunks, for those who merge what several storages say.</summary>
public static class FloatChunks
{
    public static bool IsFloats(in BlockChunk chunk) => chunk.Encoding == ChunkFileFormat.XorEncoding;

    /// <summary>Adds the samples of a chunk to two lists of equal length; false when it holds no floats.</summary>
    /// <exception cref="IOException">The chunk is damaged.</exception>
    public static bool TryRead(in BlockChunk chunk, List<long> timestampsMs, List<double> values)
    {
        if (!IsFloats(chunk))
        {
            return false;
        }

        var samples = XorChunk.Read(chunk.Data.Span);
        while (samples.MoveNext())
        {
            timestampsMs.Add(samples.TimestampMs);
            values.Add(samples.Value);
        }

        return samples.Failed ? throw new IOException($"a chunk from {chunk.MinMs} to {chunk.MaxMs} ms cannot be decoded") : true;
    }

    /// <summary>Samples in order of time as chunks of the usual length. Their data is their own.</summary>
    public static IReadOnlyList<BlockChunk> Write(IReadOnlyList<long> timestampsMs, IReadOnlyList<double> values)
    {
        var buffer = new ChunkBuffer();
        var chunks = new List<BlockChunk>();
        for (var i = 0; i < timestampsMs.Count; i++)
        {
            buffer.Encode(timestampsMs[i], values[i], chunks);
        }

        buffer.EndChunk(chunks);
        foreach (ref var chunk in CollectionsMarshal.AsSpan(chunks))
        {
            chunk = chunk with { Data = chunk.Data.ToArray() };
        }

        return chunks;
    }

    public static int CountOf(in BlockChunk chunk) => XorChunk.CountOf(chunk.Data.Span);
}
