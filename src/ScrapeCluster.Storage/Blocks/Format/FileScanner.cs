using System.Buffers;
using System.Buffers.Binary;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// Walks a part of a file from its beginning to its end, in large reads. For one thread; spans handed out are valid until the next call.
/// </summary>
internal sealed class FileScanner : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly BlockFile _file;
    private readonly long _end;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);

    /// <summary>Where in the file the first byte of the buffer stands.</summary>
    private long _bufferAt;
    private int _length;
    private int _at;
    private int _summedTo;
    private uint _checksum;

    public FileScanner(BlockFile file, long start, long end)
    {
        _file = file;
        _bufferAt = start;
        _end = end;
    }

    public long Position => _bufferAt + _at;

    public bool AtEnd => Position >= _end;

    /// <summary>Of all bytes walked over so far.</summary>
    public uint Checksum
    {
        get
        {
            Sum();
            return _checksum;
        }
    }

    public byte Byte() => Bytes(1)[0];

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(sizeof(uint)));

    public ulong UVarint()
    {
        return _at < _length && _buffer[_at] < 0x80 ? _buffer[_at++] : LongUVarint();
    }

    /// <summary>Bytes behind their length.</summary>
    public ReadOnlySpan<byte> Text() => Bytes(Length());

    public void SkipText() => Skip(Length());

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (_length - _at < count)
        {
            Fill(count);
        }

        var bytes = _buffer.AsSpan(_at, count);
        _at += count;
        return bytes;
    }

    public void Skip(long count)
    {
        while (count > 0)
        {
            var part = (int)Math.Min(count, BufferBytes);
            _ = Bytes(part);
            count -= part;
        }
    }

    public void SkipToEnd() => Skip(_end - Position);

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ulong LongUVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw _file.Damage(Position, "a number takes more than ten bytes");
    }

    private int Length()
    {
        var length = UVarint();
        return length <= (ulong)(_end - Position) && length <= (ulong)Array.MaxLength
            ? (int)length
            : throw _file.Damage(Position, $"a text of {length} bytes reaches over the end of its section at {_end}");
    }

    private void Fill(int count)
    {
        if (count > _end - Position)
        {
            throw _file.Damage(Position, $"{count} bytes are wanted, the section ends at {_end}");
        }

        Sum();
        var rest = _length - _at;
        var target = count <= _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(count);
        _buffer.AsSpan(_at, rest).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _bufferAt += _at;
        _at = 0;
        _summedTo = 0;
        _length = rest + (int)Math.Min(_buffer.Length - rest, _end - _bufferAt - rest);
        _file.Read(_buffer.AsSpan(rest, _length - rest), _bufferAt + rest);
    }

    private void Sum()
    {
        _checksum = WalChecksum.Compute(_buffer.AsSpan(_summedTo, _at - _summedTo), _checksum);
        _summedTo = _at;
    }
}
