namespace ScrapeCluster.Storage.Chunks;

/// <summary>
/// Where a chunk is and how much of it is valid, in one word, so that a single release write publishes it:
/// in memory <c>0 | samples (15 bits) | length in bits (16) | first block (32)</c>, in a file of <c>chunks_head</c>
/// <c>1 | file (31) | offset (32)</c>.
/// </summary>
internal readonly record struct ChunkRef(ulong Word)
{
    private const ulong OnDisk = 1UL << 63;

    public static readonly ChunkRef None;

    public bool IsNone => Word == 0;

    public bool IsOnDisk => (Word & OnDisk) != 0;

    public int SampleCount => (int)(Word >> 48);

    public int LengthBits => (ushort)(Word >> 32);

    public int LengthBytes => (LengthBits + 7) >> 3;

    public uint FirstBlock => (uint)Word;

    public int File => (int)((Word & ~OnDisk) >> 32);

    public uint Offset => (uint)Word;

    public static ChunkRef InMemory(uint firstBlock, int sampleCount, int lengthBits)
    {
        return new ChunkRef(((ulong)sampleCount << 48) | ((ulong)lengthBits << 32) | firstBlock);
    }

    public static ChunkRef InFile(int file, uint offset) => new(OnDisk | ((ulong)file << 32) | offset);
}
