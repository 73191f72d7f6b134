namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>
/// Walks the references and timestamps of histogram records (types 7 to 10); the histograms themselves are passed over, since
/// nothing here stores them yet. Also exemplars (type 4), whose entries start alike.
/// </summary>
internal ref struct TimedRecordReader
{
    private const long CustomBuckets = -53;

    private readonly WalRecordType _type;
    private readonly ulong _baseRef;
    private readonly long _baseTimestampMs;
    private RecordCursor _cursor;

    public TimedRecordReader(ReadOnlySpan<byte> record)
    {
        _type = (WalRecordType)record[0];
        _cursor = new RecordCursor(record[1..]);
        if (!_cursor.AtEnd)
        {
            _baseRef = _cursor.UInt64();
            _baseTimestampMs = (long)_cursor.UInt64();
        }
    }

    public ulong Ref { get; private set; }

    public long TimestampMs { get; private set; }

    public readonly bool IsBroken => _cursor.IsBroken;

    public bool MoveNext()
    {
        if (_cursor.AtEnd)
        {
            return false;
        }

        Ref = _baseRef + (ulong)_cursor.Varint();
        TimestampMs = _baseTimestampMs + _cursor.Varint();
        if (_type == WalRecordType.Exemplars)
        {
            PassExemplar();
        }
        else
        {
            PassHistogram(isFloat: _type is WalRecordType.FloatHistograms or WalRecordType.CustomBucketFloatHistograms);
        }

        return !_cursor.IsBroken;
    }

    private void PassExemplar()
    {
        _cursor.Double();
        var labels = _cursor.UVarint();
        for (ulong i = 0; i < labels && !_cursor.IsBroken; i++)
        {
            _cursor.Text();
            _cursor.Text();
        }
    }

    private void PassHistogram(bool isFloat)
    {
        _cursor.Byte();
        var schema = _cursor.Varint();
        _cursor.Double();
        PassNumber(isFloat);
        PassNumber(isFloat);
        _cursor.Double();
        PassSpans();
        PassSpans();
        PassBuckets(isFloat);
        PassBuckets(isFloat);
        if (schema == CustomBuckets)
        {
            PassBuckets(isFloat: true);
        }
    }

    private void PassSpans()
    {
        var spans = _cursor.UVarint();
        for (ulong i = 0; i < spans && !_cursor.IsBroken; i++)
        {
            _cursor.Varint();
            _cursor.UVarint();
        }
    }

    private void PassBuckets(bool isFloat)
    {
        var buckets = _cursor.UVarint();
        for (ulong i = 0; i < buckets && !_cursor.IsBroken; i++)
        {
            PassNumber(isFloat);
        }
    }

    /// <summary>A signed and an unsigned varint are equally long.</summary>
    private void PassNumber(bool isFloat)
    {
        if (isFloat)
        {
            _cursor.Double();
        }
        else
        {
            _cursor.UVarint();
        }
    }
}
