using System.Buffers.Binary;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// Reads chunks for one query. Chunks of a series lie side by side, so each read of the disk takes some that follow too. For one thread; what is
/// handed out is valid until the next call.
/// </summary>
internal sealed class ChunkCursor(ChunkSegmentReader segments, int windowBytes = ChunkCursor.QueryWindowBytes)
{
    public const int QueryWindowBytes = 8 * 1024;

    /// <summary>For those who read a block from its beginning to its end.</summary>
    public const int PassWindowBytes = 256 * 1024;

    private byte[] _window = new byte[windowBytes];
    private BlockFile? _file;
    private long _windowAt;
    private int _windowLength;

    /// <summary>The chunk's bytes without length, encoding and checksum.</summary>
    /// <exception cref="BlockDamageException">There is no such chunk, or its checksum is wrong.</exception>
    public ReadOnlySpan<byte> Read(BlockChunkRef chunk, out byte encoding)
    {
        var file = segments.FileOf(chunk);
        var head = new RecordCursor(Bytes(file, chunk.Offset, ChunkSegment.MaxLengthBytes));
        var length = head.UVarint();
        var size = head.Position + 1 + (long)length + ChunkSegment.ChecksumBytes;
        if (head.IsBroken || length > (ulong)file.Length || chunk.Offset + size > file.Length)
        {
            throw file.Damage(chunk.Offset, $"a chunk of {length} bytes reaches over the end of the file");
        }

        var bytes = Bytes(file, chunk.Offset, (int)size);
        var summed = bytes[head.Position..^ChunkSegment.ChecksumBytes];
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[^ChunkSegment.ChecksumBytes..]) != WalChecksum.Compute(summed))
        {
            throw file.Damage(chunk.Offset, "a chunk does not match its checksum");
        }

        encoding = summed[0];
        return summed[1..];
    }

    public BlockDamageException Damage(BlockChunkRef chunk, string reason) => segments.FileOf(chunk).Damage(chunk.Offset, reason);

    /// <summary>Fewer than asked for only at the end of the file.</summary>
    private ReadOnlySpan<byte> Bytes(BlockFile file, long offset, int size)
    {
        if (file != _file || offset < _windowAt || offset + size > _windowAt + _windowLength)
        {
            if (_window.Length < size)
            {
                _window = new byte[size];
            }

            _file = null;
            _windowLength = file.ReadUpTo(_window, offset);
            _windowAt = offset;
            _file = file;
        }

        var at = (int)(offset - _windowAt);
        return _window.AsSpan(at, Math.Min(size, _windowLength - at));
    }
}
