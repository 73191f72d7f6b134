using System.Buffers;
using System.Buffers.Binary;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Reads the records of one segment in order, under the strict rules of tsdb/wlog/reader.go: order of fragments, lengths,
/// checksums, zeros behind a page's end. Damage is an answer (<see cref="Damage"/>); <see cref="SkipDamage"/> goes on at the
/// next record that can be read, at the latest in the next page: pages keep a damaged length from hiding what follows.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    private const int BufferSize = 8 * WalFormat.PageSize;

    private readonly IReadableFile _file;
    private readonly string _path;
    private readonly int _segment;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private long _bufferStart;
    private int _buffered;
    private long _offset;
    private readonly RecordUnpacker _unpacker = new();
    private byte[] _record = new byte[WalFormat.PageSize];
    private int _recordLength;

    /// <summary>Where reading goes on after the present damage.</summary>
    private long _resumeAt;

    /// <summary>Behind damage, until a record is read: what else is unreadable there is the same damage.</summary>
    private bool _isResuming;

    public SegmentReader(string path, int segment, IDataFiles? files = null)
    {
        _path = path;
        _segment = segment;
        _file = (files ?? DiskFiles.Instance).OpenToRead(path);
        Limit = _file.Length;
    }

    /// <summary>Bytes behind this are not looked at: the file's length at open, or for a follower what the writer has published.</summary>
    public long Limit { get; set; }

    public long FileLength => _file.Length;

    /// <summary>Start of the first fragment of the last record.</summary>
    public long RecordOffset { get; private set; }

    /// <summary>End of the last whole record.</summary>
    public long GoodEnd { get; private set; }

    public WalDamage? Damage { get; private set; }

    /// <summary>For a follower: begins at the start of a record, with nothing allowed to be read yet.</summary>
    public void StartAt(long offset)
    {
        _offset = GoodEnd = Limit = offset;
    }

    /// <summary>The next record, valid until the next call; false at the end or at damage.</summary>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        record = default;
        while (Damage is null)
        {
            if (TryReadRecord(out record))
            {
                GoodEnd = _offset;
                _isResuming = false;
                return true;
            }

            if (Damage is null)
            {
                return false;
            }

            if (_isResuming)
            {
                SkipDamage();
            }
        }

        return false;
    }

    /// <summary>Forgets the damage; the next read goes on behind it.</summary>
    public void SkipDamage()
    {
        Damage = null;
        _offset = Math.Min(_resumeAt, Limit);
        _isResuming = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        _unpacker.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private bool TryReadRecord(out ReadOnlySpan<byte> record)
    {
        record = default;
        return TryAssemble(out var flags)
            && (_unpacker.Unpack(flags, _record.AsSpan(0, _recordLength), out record) is not { } fault || Fail(fault, resumeAt: _offset));
    }

    /// <summary>Joins fragments until a record is whole.</summary>
    private bool TryAssemble(out byte flags)
    {
        flags = 0;
        _recordLength = 0;
        for (var parts = 0; TryTakeFragment(parts, out var header, out var data); parts++)
        {
            flags = parts == 0 ? header : flags;
            Store(data);
            if ((header & WalFormat.TypeMask) is WalFormat.Full or WalFormat.Last)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The next fragment of a record of which so many are there; false at the end or at damage. Valid until the next look into the file.</summary>
    private bool TryTakeFragment(int parts, out byte header, out ReadOnlySpan<byte> data)
    {
        header = 0;
        data = default;
        while (true)
        {
            if (parts == 0)
            {
                RecordOffset = _offset;
            }

            if (_offset >= Limit)
            {
                return parts > 0 && Fail("the last record is torn: its end is missing", resumeAt: Limit);
            }

            var type = (byte)(Peek(1)[0] & WalFormat.TypeMask);
            if (type == WalFormat.PageEnd)
            {
                if (!TryPassPageEnd())
                {
                    return false;
                }

                continue;
            }

            if (!TryReadFragment(out header, out data))
            {
                return false;
            }

            var end = _offset + WalFormat.HeaderSize + data.Length;
            if (_isResuming && parts == 0 && type is WalFormat.Middle or WalFormat.Last)
            {
                _offset = end;
                continue;
            }

            if (OrderFault(type, parts) is { } fault)
            {
                return Fail(fault, resumeAt: type is WalFormat.Full or WalFormat.First ? _offset : end);
            }

            _offset = end;
            return true;
        }
    }

    private bool TryPassPageEnd()
    {
        var rest = (int)Math.Min(WalFormat.PageSize - (_offset % WalFormat.PageSize), Limit - _offset);
        if (Peek(rest).IndexOfAnyExcept((byte)0) >= 0)
        {
            return Fail("non-zero byte behind the end of a page", NextPage);
        }

        _offset += rest;
        return true;
    }

    private bool TryReadFragment(out byte header, out ReadOnlySpan<byte> data)
    {
        header = 0;
        data = default;
        if (Limit - _offset < WalFormat.HeaderSize)
        {
            return Fail("a fragment's header is torn", resumeAt: Limit);
        }

        var head = Peek(WalFormat.HeaderSize);
        header = head[0];
        var length = BinaryPrimitives.ReadUInt16BigEndian(head[1..]);
        var checksum = BinaryPrimitives.ReadUInt32BigEndian(head[3..]);
        if (length > WalFormat.PageSize - WalFormat.HeaderSize)
        {
            return Fail($"a fragment of {length} bytes is longer than a page", NextPage);
        }

        if (Limit - _offset - WalFormat.HeaderSize < length)
        {
            return Fail($"a fragment of {length} bytes is torn", resumeAt: Limit);
        }

        data = Peek(WalFormat.HeaderSize + length)[WalFormat.HeaderSize..];
        if (_isResuming && length == 0)
        {
            // Zeros behind a stray byte look like an empty fragment with a right checksum.
            return Fail("an empty fragment", NextPage);
        }

        var actual = WalChecksum.Compute(data);
        if (actual == checksum)
        {
            return true;
        }

        // The damage is more likely in the data than in the length, so the next fragment is tried once, then the next page.
        var next = _offset + WalFormat.HeaderSize + length;
        return Fail($"checksum is {actual:x8}, the header says {checksum:x8}", resumeAt: _isResuming || next > NextPage ? NextPage : next);
    }

    private static string? OrderFault(byte type, int parts) => type switch
    {
        WalFormat.Full or WalFormat.First when parts > 0 => "a record starts inside another one",
        WalFormat.Middle or WalFormat.Last when parts == 0 => "a record's continuation stands without its start",
        > WalFormat.Last => $"fragment type {type} does not exist",
        _ => null,
    };

    private void Store(ReadOnlySpan<byte> data)
    {
        if (_record.Length - _recordLength < data.Length)
        {
            Array.Resize(ref _record, Math.Max(_record.Length * 2, _recordLength + data.Length));
        }

        data.CopyTo(_record.AsSpan(_recordLength));
        _recordLength += data.Length;
    }

    /// <summary>Bytes at the present offset; the caller has checked them against <see cref="Limit"/>. At most a page.</summary>
    private ReadOnlySpan<byte> Peek(int length)
    {
        var at = _offset - _bufferStart;
        if (at < 0 || at + length > _buffered)
        {
            Fill();
            at = 0;
        }

        return _buffer.AsSpan((int)at, Math.Min(length, _buffered - (int)at));
    }

    private void Fill()
    {
        _bufferStart = _offset;
        _buffered = 0;
        var wanted = (int)Math.Min(_buffer.Length, Limit - _offset);
        while (_buffered < wanted)
        {
            var read = _file.ReadAt(_buffer.AsSpan(_buffered, wanted - _buffered), _offset + _buffered);
            if (read == 0)
            {
                throw new EndOfStreamException($"write-ahead log {_path} ends at {_offset + _buffered}, {Limit} bytes were expected");
            }

            _buffered += read;
        }
    }

    private long NextPage => (_offset / WalFormat.PageSize * WalFormat.PageSize) + WalFormat.PageSize;

    private bool Fail(string reason, long resumeAt)
    {
        _resumeAt = resumeAt;
        Damage = new WalDamage(_path, _segment, RecordOffset, reason);
        return false;
    }
}
