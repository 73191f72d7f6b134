using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using ScrapeCluster.Storage.Compression;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Reads the records of one segment in order, under the strict rules of tsdb/wlog/reader.go: order of fragments, lengths,
/// checksums, zeros behind a page's end. Damage is an answer (<see cref="Damage"/>); <see cref="SkipDamage"/> goes on at the
/// next page that starts a record, since pages keep a damaged length from hiding what follows.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    private const int BufferSize = 32 * WalFormat.PageSize;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly int _segment;
    private readonly byte[] _buffer = new byte[BufferSize];
    private long _bufferStart;
    private int _buffered;
    private long _offset;
    private byte[] _record = new byte[WalFormat.PageSize];
    private byte[] _plain = [];
    private int _recordLength;

    public SegmentReader(string path, int segment)
    {
        _path = path;
        _segment = segment;
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Limit = RandomAccess.GetLength(_file);
    }

    /// <summary>Bytes behind this are not looked at: the file's length at open, or for a follower what the writer has published.</summary>
    public long Limit { get; set; }

    /// <summary>Start of the first fragment of the last record.</summary>
    public long RecordOffset { get; private set; }

    /// <summary>End of the last whole record.</summary>
    public long GoodEnd { get; private set; }

    public WalDamage? Damage { get; private set; }

    /// <summary>Records compressed by a method that is not known here (zstd), passed over.</summary>
    public long UnsupportedRecords { get; private set; }

    /// <summary>The next record, valid until the next call; false at the end or at damage.</summary>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        record = default;
        while (Damage is null)
        {
            if (!TryAssemble(out var flags))
            {
                return false;
            }

            if ((flags & WalFormat.ZstdFlag) != 0)
            {
                UnsupportedRecords++;
                GoodEnd = _offset;
                continue;
            }

            var stored = _record.AsSpan(0, _recordLength);
            if ((flags & WalFormat.SnappyFlag) == 0)
            {
                record = stored;
            }
            else if (!TryDecompress(stored, out record))
            {
                return Fail("snappy block is damaged");
            }

            GoodEnd = _offset;
            return true;
        }

        return false;
    }

    /// <summary>Forgets the damage and goes on at the next page; parts of records that started before are passed over.</summary>
    public void SkipDamage()
    {
        Damage = null;
        _offset = (_offset / WalFormat.PageSize * WalFormat.PageSize) + WalFormat.PageSize;
        while (_offset < Limit)
        {
            var header = Peek(1);
            if (!header.IsEmpty && (header[0] & WalFormat.TypeMask) is WalFormat.Full or WalFormat.First or WalFormat.PageEnd)
            {
                return;
            }

            if (!TryPassFragment())
            {
                _offset = (_offset / WalFormat.PageSize * WalFormat.PageSize) + WalFormat.PageSize;
            }
        }

        _offset = Math.Min(_offset, Limit);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Joins fragments until a record is whole.</summary>
    private bool TryAssemble(out byte flags)
    {
        flags = 0;
        _recordLength = 0;
        var parts = 0;
        while (true)
        {
            if (parts == 0)
            {
                RecordOffset = _offset;
            }

            if (_offset >= Limit)
            {
                return parts > 0 && Fail("the last record is torn: its end is missing");
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

            if (!TryReadFragment(out var header, out var data))
            {
                return false;
            }

            if (OrderFault(type, parts) is { } fault)
            {
                return Fail(fault);
            }

            flags = parts == 0 ? header : flags;
            parts++;
            Store(data);
            _offset += WalFormat.HeaderSize + data.Length;
            if (type is WalFormat.Full or WalFormat.Last)
            {
                return true;
            }
        }
    }

    private bool TryPassPageEnd()
    {
        var rest = (int)Math.Min(WalFormat.PageSize - (_offset % WalFormat.PageSize), Limit - _offset);
        if (Peek(rest).IndexOfAnyExcept((byte)0) >= 0)
        {
            return Fail("non-zero byte behind the end of a page");
        }

        _offset += rest;
        return true;
    }

    private bool TryReadFragment(out byte header, out ReadOnlySpan<byte> data)
    {
        header = 0;
        data = default;
        var pageRest = (int)(WalFormat.PageSize - (_offset % WalFormat.PageSize));
        if (pageRest < WalFormat.HeaderSize)
        {
            return Fail("a fragment's header runs over the end of its page");
        }

        if (Limit - _offset < WalFormat.HeaderSize)
        {
            return Fail("a fragment's header is torn");
        }

        var head = Peek(WalFormat.HeaderSize);
        header = head[0];
        var length = BinaryPrimitives.ReadUInt16BigEndian(head[1..]);
        var checksum = BinaryPrimitives.ReadUInt32BigEndian(head[3..]);
        if (length > pageRest - WalFormat.HeaderSize)
        {
            return Fail($"a fragment of {length} bytes runs over the end of its page");
        }

        if (Limit - _offset - WalFormat.HeaderSize < length)
        {
            return Fail($"a fragment of {length} bytes is torn");
        }

        data = Peek(WalFormat.HeaderSize + length)[WalFormat.HeaderSize..];
        var actual = WalChecksum.Compute(data);
        return actual == checksum || Fail($"checksum is {actual:x8}, the header says {checksum:x8}");
    }

    private static string? OrderFault(byte type, int parts) => type switch
    {
        WalFormat.Full or WalFormat.First when parts > 0 => "a record starts inside another one",
        WalFormat.Middle or WalFormat.Last when parts == 0 => "a record's continuation stands without its start",
        > WalFormat.Last => $"fragment type {type} does not exist",
        _ => null,
    };

    /// <summary>Steps over a fragment whose length can be believed, without looking at its data.</summary>
    private bool TryPassFragment()
    {
        var pageRest = (int)Math.Min(WalFormat.PageSize - (_offset % WalFormat.PageSize), Limit - _offset);
        if (pageRest < WalFormat.HeaderSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(Peek(WalFormat.HeaderSize)[1..]);
        if (length > pageRest - WalFormat.HeaderSize)
        {
            return false;
        }

        _offset += WalFormat.HeaderSize + length;
        return true;
    }

    private bool TryDecompress(ReadOnlySpan<byte> stored, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (!SnappyDecoder.TryReadLength(stored, out var length, out _) || length > stored.Length * SnappyDecoder.MaxRatio)
        {
            return false;
        }

        if (_plain.Length < length)
        {
            _plain = new byte[Math.Max(length, WalFormat.PageSize)];
        }

        record = _plain.AsSpan(0, length);
        return SnappyDecoder.TryDecode(stored, _plain.AsSpan(0, length));
    }

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
            var read = RandomAccess.Read(_file, _buffer.AsSpan(_buffered, wanted - _buffered), _offset + _buffered);
            if (read == 0)
            {
                throw new EndOfStreamException($"write-ahead log {_path} ends at {_offset + _buffered}, {Limit} bytes were expected");
            }

            _buffered += read;
        }
    }

    private bool Fail(string reason)
    {
        Damage = new WalDamage(_path, _segment, RecordOffset, reason);
        return false;
    }
}
