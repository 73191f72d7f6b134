using System.Buffers.Binary;
using ScrapeCluster.Storage.Compression;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Wal;

/// <summary>Turns the records of a batch into bytes of pages: compresses each, splits it at page ends, puts headers before the parts.</summary>
internal sealed class RecordFramer(bool compress)
{
    private readonly SnappyEncoder _snappy = new();
    private readonly RecordBuffer _framed = new();
    private byte[] _compressed = new byte[64 * 1024];

    /// <summary>A length that the framed form of so many records of so many bytes never exceeds.</summary>
    public static long MaxLength(int recordCount, long recordBytes)
    {
        // A page end costs one more header and at most HeaderSize - 1 bytes of padding; so does the page that is being filled.
        var pageEnds = (recordBytes / (WalFormat.PageSize - WalFormat.HeaderSize)) + recordCount + 1;
        return recordBytes + (recordCount * (long)WalFormat.HeaderSize) + (pageEnds * 2 * WalFormat.HeaderSize);
    }

    /// <summary>The bytes to write at <paramref name="segmentOffset"/>. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Frame(WalBatch batch, long segmentOffset)
    {
        _framed.Clear();
        var page = (int)(segmentOffset % WalFormat.PageSize);
        var count = batch.RecordCount;
        for (var i = 0; i < count; i++)
        {
            var record = batch.Record(i);
            if (compress && TryCompress(record, out var compressed))
            {
                page = Split(compressed, WalFormat.SnappyFlag, page);
            }
            else
            {
                page = Split(record, 0, page);
            }
        }

        return _framed.Written;
    }

    private bool TryCompress(ReadOnlySpan<byte> record, out ReadOnlySpan<byte> compressed)
    {
        var max = SnappyEncoder.MaxLength(record.Length);
        if (_compressed.Length < max)
        {
            _compressed = new byte[Math.Max(max, _compressed.Length * 2)];
        }

        compressed = _compressed.AsSpan(0, _snappy.Encode(record, _compressed));
        return compressed.Length < record.Length;
    }

    /// <summary>Writes the fragments of one record and returns the new place in the page.</summary>
    private int Split(ReadOnlySpan<byte> record, byte flags, int page)
    {
        var isFirst = true;
        do
        {
            var room = WalFormat.PageSize - page;
            if (room < WalFormat.HeaderSize)
            {
                _framed.Reserve(room)[..room].Clear();
                _framed.Advance(room);
                page = 0;
                continue;
            }

            var part = record[..Math.Min(record.Length, room - WalFormat.HeaderSize)];
            record = record[part.Length..];
            var type = (isFirst, record.IsEmpty) switch
            {
                (true, true) => WalFormat.Full,
                (true, false) => WalFormat.First,
                (false, false) => WalFormat.Middle,
                (false, true) => WalFormat.Last,
            };
            WriteFragment((byte)(type | flags), part);
            page = (page + WalFormat.HeaderSize + part.Length) % WalFormat.PageSize;
            isFirst = false;
        }
        while (isFirst || !record.IsEmpty);

        return page;
    }

    private void WriteFragment(byte type, ReadOnlySpan<byte> data)
    {
        var room = _framed.Reserve(WalFormat.HeaderSize + data.Length);
        room[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(room[1..], (ushort)data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(room[3..], WalChecksum.Compute(data));
        data.CopyTo(room[WalFormat.HeaderSize..]);
        _framed.Advance(WalFormat.HeaderSize + data.Length);
    }
}
