using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>Where the series of a new block come from; can be opened more than once and gives the same series every time.</summary>
internal interface IBlockInput
{
    IBlockSource Open();
}

/// <summary>
/// One pass over series that are sorted by labels (as <see cref="Queries.LabelsOrder"/>), no series twice. A series without chunks
/// is passed over by the writer.
/// </summary>
internal interface IBlockSource : IDisposable
{
    /// <exception cref="IOException">What is read is damaged or gone.</exception>
    bool MoveNext();

    Labels Labels { get; }

    /// <summary>
    /// In the order of <see cref="BlockChunk.MinMs"/>. The list and the data of its chunks are borrowed: valid until the next <see cref="MoveNext"/>.
    /// The writer's first pass asks for labels only, so whatever costs something is best done at the first asking.
    /// </summary>
    /// <exception cref="IOException">What is read is damaged or gone.</exception>
    IReadOnlyList<BlockChunk> Chunks { get; }
}

/// <summary>A chunk as blocks hold it.</summary>
/// <param name="MinMs">Of its first sample.</param>
/// <param name="MaxMs">Of its last sample, included.</param>
/// <param name="Encoding">1 = XOR; others are copied as they are.</param>
/// <param name="Data">The chunk's bytes without length, encoding and checksum; those of XOR begin with the count of samples (2 bytes, big-endian).</param>
public readonly record struct BlockChunk(long MinMs, long MaxMs, byte Encoding, ReadOnlyMemory<byte> Data);
