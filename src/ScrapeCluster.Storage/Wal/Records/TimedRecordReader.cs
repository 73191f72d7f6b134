namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>
/// Walks the references and timestamps of histogram records (types 7 to 10); the histograms themselves are passed over, since
/// nothing here stores them yet. Also exemplars (type 4), whose entries start alike.
/// </summary>
internal ref struct TimedRecordReader(ReadOnlySpan<byte> record)
{
    private const long CustomBuckets = -53;

    private readonly ReadOnlySpan<byte> _record = record;
    private readonly WalRecordType _type = (WalRecordType)record[0];
    private TimedEntries _entries = new(record);
    private int _start;

    public readonly ulong Ref => _entries.Ref;

    public readonly long TimestampMs => _entries.TimestampMs;

    public readonly bool IsBroken => _entries.Rest.IsBroken;

    /// <summary>Type, base reference and base time, to which every entry's differences refer.</summary>
    public readonly ReadOnlySpan<byte> Header => _record[..TimedEntries.HeaderLength];

    /// <summary>The bytes of the present entry. Behind the same header they mean the same, whatever stands between.</summary>
    public readonly ReadOnlySpan<byte> Entry => _record[_start..(1 + _entries.Rest.Position)];

    /// <summary>True for records of the types that it walks.</summary>
    public static bool Reads(ReadOnlySpan<byte> record) => (WalRecordType)record[0]
        is WalRecordType.Exemplars or WalRecordType.Histograms or WalRecordType.FloatHistograms
        or WalRecordType.CustomBucketHistograms or WalRecordType.CustomBucketFloatHistograms;

    public bool MoveNext()
    {
        _start = 1 + _entries.Rest.Position;
        if (!_entries.MoveNext())
        {
            return false;
        }

        if (_type == WalRecordType.Exemplars)
        {
            PassExemplar();
        }
        else
        {
            PassHistogram(isFloat: _type is WalRecordType.FloatHistograms or WalRecordType.CustomBucketFloatHistograms);
        }

        return !_entries.Rest.IsBroken;
    }

    private void PassExemplar()
    {
        _entries.Rest.Double();
        var labels = _entries.Rest.UVarint();
        for (ulong i = 0; i < labels && !_entries.Rest.IsBroken; i++)
        {
            _entries.Rest.Text();
            _entries.Rest.Text();
        }
    }

    private void PassHistogram(bool isFloat)
    {
        _entries.Rest.Byte();
        var schema = _entries.Rest.Varint();
        _entries.Rest.Double();
        PassNumber(isFloat);
        PassNumber(isFloat);
        _entries.Rest.Double();
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
        var spans = _entries.Rest.UVarint();
        for (ulong i = 0; i < spans && !_entries.Rest.IsBroken; i++)
        {
            _entries.Rest.Varint();
            _entries.Rest.UVarint();
        }
    }

    private void PassBuckets(bool isFloat)
    {
        var buckets = _entries.Rest.UVarint();
        for (ulong i = 0; i < buckets && !_entries.Rest.IsBroken; i++)
        {
            PassNumber(isFloat);
        }
    }

    /// <summary>A signed and an unsigned varint are equally long.</summary>
    private void PassNumber(bool isFloat)
    {
        if (isFloat)
        {
            _entries.Rest.Double();
        }
        else
        {
            _entries.Rest.UVarint();
        }
    }
}
