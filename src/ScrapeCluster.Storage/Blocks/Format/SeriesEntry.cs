using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>Where a chunk of a block is: the number of its file, counted from 0, above the offset in it.</summary>
internal readonly record struct BlockChunkRef(ulong Word)
{
    public int File => (int)(Word >> 32);

    public uint Offset => (uint)Word;

    public static BlockChunkRef At(int file, long offset) => new(((ulong)file << 32) | (uint)offset);
}

/// <summary>A chunk as the index tells of it. <paramref name="MaxMs"/> is that of its last sample.</summary>
internal readonly record struct ChunkEntry(long MinMs, long MaxMs, BlockChunkRef Ref);

/// <summary>
/// A series of an index: its labels as symbols, its chunks in order of time. Used again for series after series.
/// Bytes: length uvarint, labels, chunks, checksum (see FORMAT.md).
/// </summary>
internal sealed class SeriesEntry
{
    public const int Alignment = 16;

    public List<(uint Name, uint Value)> Labels { get; } = [];

    public List<ChunkEntry> Chunks { get; } = [];

    /// <summary>Decodes the part between length and checksum; false when it is not a series.</summary>
    public bool TryDecode(ReadOnlySpan<byte> bytes)
    {
        Labels.Clear();
        Chunks.Clear();
        var cursor = new RecordCursor(bytes);
        for (var count = cursor.UVarint(); count > 0 && !cursor.IsBroken; count--)
        {
            Labels.Add(((uint)cursor.UVarint(), (uint)cursor.UVarint()));
        }

        var left = cursor.UVarint();
        if (left > 0)
        {
            var minMs = cursor.Varint();
            var maxMs = minMs + (long)cursor.UVarint();
            var reference = cursor.UVarint();
            Chunks.Add(new ChunkEntry(minMs, maxMs, new BlockChunkRef(reference)));
            for (left--; left > 0 && !cursor.IsBroken; left--)
            {
                // The difference wraps around when a chunk begins before the end of the one before.
                minMs = maxMs + (long)cursor.UVarint();
                maxMs = minMs + (long)cursor.UVarint();
                reference += (ulong)cursor.Varint();
                Chunks.Add(new ChunkEntry(minMs, maxMs, new BlockChunkRef(reference)));
            }
        }

        return !cursor.IsBroken;
    }

    /// <summary>The same part for a series that is written.</summary>
    public static void Encode(RecordBuffer buffer, ReadOnlySpan<(uint Name, uint Value)> labels, ReadOnlySpan<ChunkEntry> chunks)
    {
        buffer.Clear();
        buffer.UVarint((ulong)labels.Length);
        foreach (var (name, value) in labels)
        {
            buffer.UVarint(name);
            buffer.UVarint(value);
        }

        buffer.UVarint((ulong)chunks.Length);
        if (chunks.IsEmpty)
        {
            return;
        }

        buffer.Varint(chunks[0].MinMs);
        buffer.UVarint((ulong)(chunks[0].MaxMs - chunks[0].MinMs));
        buffer.UVarint(chunks[0].Ref.Word);
        for (var i = 1; i < chunks.Length; i++)
        {
            buffer.UVarint((ulong)(chunks[i].MinMs - chunks[i - 1].MaxMs));
            buffer.UVarint((ulong)(chunks[i].MaxMs - chunks[i].MinMs));
            buffer.Varint((long)(chunks[i].Ref.Word - chunks[i - 1].Ref.Word));
        }
    }
}
