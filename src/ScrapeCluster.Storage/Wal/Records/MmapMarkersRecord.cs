namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>
/// Markers of mapped out-of-order chunks (type 5), which Prometheus writes to <c>wbl/</c> alone; read so far that one that stands in the log can be told
/// from damage. Borrowed from the record's bytes.
/// </summary>
internal ref struct MmapMarkersRecordReader(ReadOnlySpan<byte> record)
{
    private RecordCursor _cursor = new(record[1..]);

    public ulong Ref { get; private set; }

    public readonly bool IsBroken => _cursor.IsBroken;

    public bool MoveNext()
    {
        if (_cursor.AtEnd)
        {
            return false;
        }

        Ref = _cursor.UInt64();
        _cursor.UInt64();
        return !_cursor.IsBroken;
    }
}
