namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>Tombstones: a deleted time range of a series. Nothing here writes them; a log of Prometheus may hold some.</summary>
internal static class TombstonesRecord
{
    public static void WriteEntry(RecordBuffer buffer, ulong seriesRef, long minTimestampMs, long maxTimestampMs)
    {
        buffer.UInt64(seriesRef);
        buffer.Varint(minTimestampMs);
        buffer.Varint(maxTimestampMs);
    }
}

/// <summary>Reads a tombstones record entry by entry. Borrowed from the record's bytes.</summary>
public ref struct TombstonesRecordReader(ReadOnlySpan<byte> record)
{
    private readonly ReadOnlySpan<byte> _record = record;
    private RecordCursor _cursor = new(record[1..]);
    private int _start;

    public ulong Ref { get; private set; }

    public long MinTimestampMs { get; private set; }

    public long MaxTimestampMs { get; private set; }

    /// <summary>The bytes of the present entry.</summary>
    public readonly ReadOnlySpan<byte> Entry => _record[_start..(1 + _cursor.Position)];

    public readonly bool IsBroken => _cursor.IsBroken;

    public bool MoveNext()
    {
        _start = 1 + _cursor.Position;
        if (_cursor.AtEnd)
        {
            return false;
        }

        Ref = _cursor.UInt64();
        MinTimestampMs = _cursor.Varint();
        MaxTimestampMs = _cursor.Varint();
        return !_cursor.IsBroken;
    }
}
