using ScrapeCluster.Storage.Compression;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Gives the bytes of a record as its writer had them, whether it was stored plain, as a snappy block or as a zstd frame. What comes out is bounded
/// before room for it is taken: a few damaged or made-up bytes cannot ask for gigabytes. For one thread.
/// </summary>
internal sealed class RecordUnpacker : IDisposable
{
    /// <summary>The largest record that is unpacked. Writers keep a batch in one segment, whose default size this is.</summary>
    private const int MaxLength = WalFormat.DefaultSegmentSize;

    private byte[] _plain = [];
    private ZstdDecoder? _zstd;

    /// <summary>Null, or why it cannot be unpacked. The record is valid until the next call and, where it was plain, as long as what was stored.</summary>
    public string? Unpack(byte flags, ReadOnlySpan<byte> stored, out ReadOnlySpan<byte> record)
    {
        record = stored;
        if ((flags & WalFormat.SnappyFlag) != 0)
        {
            return Snappy(stored, out record);
        }

        return (flags & WalFormat.ZstdFlag) != 0 ? Zstd(stored, out record) : null;
    }

    public void Dispose() => _zstd?.Dispose();

    private string? Snappy(ReadOnlySpan<byte> stored, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (!SnappyDecoder.TryReadLength(stored, out var length, out _) || length > (long)stored.Length * SnappyDecoder.MaxRatio || length > MaxLength)
        {
            return "snappy block is damaged: its length cannot be";
        }

        var plain = Room(length);
        record = plain;
        return SnappyDecoder.TryDecode(stored, plain) ? null : "snappy block is damaged";
    }

    private string? Zstd(ReadOnlySpan<byte> stored, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (!ZstdDecoder.TryReadMaxLength(stored, out var max) || max > (ulong)stored.Length * ZstdDecoder.MaxRatio || max > MaxLength)
        {
            return "zstd frame is damaged: its length cannot be";
        }

        _zstd ??= new ZstdDecoder();
        var plain = Room((int)max);
        var isWhole = _zstd.TryDecode(stored, plain, out var length);
        record = plain[..length];
        return isWhole ? null : "zstd frame is damaged";
    }

    private Span<byte> Room(int length)
    {
        if (_plain.Length < length)
        {
            _plain = new byte[Math.Max(length, WalFormat.PageSize)];
        }

        return _plain.AsSpan(0, length);
    }
}
