using System.Buffers;
using System.Buffers.Binary;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// Writes one file of a new block from its beginning to its end, with the number forms that they share. <see cref="Close"/> makes
/// it durable; disposed of without that, it is as good as not written.
/// </summary>
internal sealed class BlockFileWriter : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>So often bytes go to the disk, lest the last flush has to push out all of a large file at once while the log waits behind it.</summary>
    private const long FlushEveryBytes = 32 * 1024 * 1024;

    private readonly IDataFile _file;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _length;
    private long _written;
    private long _flushed;
    private int _summedTo;
    private uint _checksum;

    public BlockFileWriter(IDataFiles files, string path)
    {
        Path = path;
        _file = files.Create(path);
    }

    public string Path { get; }

    /// <summary>Where the next byte goes.</summary>
    public long Position => _written + _length;

    public void Byte(byte value) => Room(1)[0] = value;

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Room(sizeof(uint)), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Room(sizeof(ulong)), value);

    public void UVarint(ulong value)
    {
        if (BufferBytes - _length < RecordBuffer.MaxVarintLength)
        {
            Flush();
        }

        _length += RecordBuffer.WriteUVarint(_buffer.AsSpan(_length), value);
    }

    /// <summary>The bytes behind their length.</summary>
    public void Text(ReadOnlySpan<byte> value)
    {
        UVarint((ulong)value.Length);
        Write(value);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, BufferBytes)];
            part.CopyTo(Room(part.Length));
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>Zeros up to a multiple of <paramref name="alignment"/>.</summary>
    public void Pad(int alignment)
    {
        var past = (int)(Position % alignment);
        if (past > 0)
        {
            Room(alignment - past).Clear();
        }
    }

    /// <summary>The checksum is taken of what is written from here on.</summary>
    public void BeginChecksum()
    {
        _summedTo = _length;
        _checksum = 0;
    }

    /// <summary>Writes the checksum of all since <see cref="BeginChecksum"/>.</summary>
    public void EndChecksum()
    {
        Sum();
        UInt32(_checksum);
    }

    /// <summary>The length of a section in front of it, and the start of its checksum; <see cref="EndChecksum"/> ends it.</summary>
    public void BeginSection(long length)
    {
        if (length > uint.MaxValue)
        {
            throw new IOException($"{Path}: a section of {length} bytes does not fit the format (4 GiB)");
        }

        UInt32((uint)length);
        BeginChecksum();
    }

    /// <summary>Everything so far can be read from the file by others.</summary>
    public void Flush()
    {
        if (_length == 0)
        {
            return;
        }

        Sum();
        _file.Write(_buffer.AsSpan(0, _length), _written);
        _written += _length;
        _length = 0;
        _summedTo = 0;
        if (_written - _flushed >= FlushEveryBytes)
        {
            _file.FlushToDisk();
            _flushed = _written;
        }
    }

    public void Close()
    {
        Flush();
        _file.FlushToDisk();
        Dispose();
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _file.Dispose();
        }
    }

    private Span<byte> Room(int size)
    {
        if (BufferBytes - _length < size)
        {
            Flush();
        }

        var room = _buffer.AsSpan(_length, size);
        _length += size;
        return room;
    }

    private void Sum()
    {
        _checksum = WalChecksum.Compute(_buffer.AsSpan(_summedTo, _length - _summedTo), _checksum);
        _summedTo = _length;
    }
}
