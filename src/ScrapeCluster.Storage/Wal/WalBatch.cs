using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Records on their way into the log, written together by <see cref="WalWriter.Append"/>. Reusable: <see cref="Clear"/> keeps
/// the buffer. Entries of one kind added in a row share a record, up to a size that keeps readers' buffers small.
/// Put series before the samples that refer to them.
/// </summary>
public sealed class WalBatch
{
    private const int MaxRecordLength = 1 << 18;

    private readonly RecordBuffer _buffer = new();
    private int[] _ends = new int[8];
    private int _closed;
    private WalRecordType _open;
    private ulong _baseRef;
    private long _baseTimestampMs;

    public bool IsEmpty => _buffer.Length == 0;

    internal int RecordCount
    {
        get
        {
            Close();
            return _closed;
        }
    }

    internal int LengthBytes => _buffer.Length;

    public void Clear()
    {
        _buffer.Clear();
        _closed = 0;
        _open = 0;
    }

    public void AddSeries(ulong seriesRef, Labels labels)
    {
        if (!IsOpen(WalRecordType.Series))
        {
            _buffer.Byte((byte)WalRecordType.Series);
        }

        SeriesRecord.WriteEntry(_buffer, seriesRef, labels);
    }

    /// <summary>Samples that share one timestamp: a scrape.</summary>
    public void AddSamples(ReadOnlySpan<ulong> refs, ReadOnlySpan<double> values, long timestampMs)
    {
        const int MaxSamples = MaxRecordLength / 12;
        while (!refs.IsEmpty)
        {
            var count = Math.Min(refs.Length, MaxSamples);
            Close();
            OpenSamples(refs[0], timestampMs);
            SamplesRecord.WriteEntries(_buffer, _baseRef, refs[..count], values[..count]);
            refs = refs[count..];
            values = values[count..];
        }
    }

    /// <summary>Samples with a timestamp each.</summary>
    public void AddSamples(ReadOnlySpan<ulong> refs, ReadOnlySpan<double> values, ReadOnlySpan<long> timestampsMs)
    {
        for (var i = 0; i < refs.Length; i++)
        {
            AddSample(refs[i], timestampsMs[i], values[i]);
        }
    }

    public void AddSample(ulong seriesRef, long timestampMs, double value)
    {
        if (!IsOpen(WalRecordType.Samples))
        {
            OpenSamples(seriesRef, timestampMs);
        }

        SamplesRecord.WriteEntry(_buffer, seriesRef - _baseRef, timestampMs - _baseTimestampMs, value);
    }

    public void AddMetadata(ulong seriesRef, MetricMetadata metadata)
    {
        if (!IsOpen(WalRecordType.Metadata))
        {
            _buffer.Byte((byte)WalRecordType.Metadata);
        }

        MetadataRecord.WriteEntry(_buffer, seriesRef, metadata);
    }

    public void AddTombstone(ulong seriesRef, long minTimestampMs, long maxTimestampMs)
    {
        if (!IsOpen(WalRecordType.Tombstones))
        {
            _buffer.Byte((byte)WalRecordType.Tombstones);
        }

        TombstonesRecord.WriteEntry(_buffer, seriesRef, minTimestampMs, maxTimestampMs);
    }

    /// <summary>An entry as it stood in another record of this kind: series, metadata or tombstones, whose entries do not refer to each other.</summary>
    public void AddEntry(WalRecordType type, ReadOnlySpan<byte> entry)
    {
        if (!IsOpen(type))
        {
            _buffer.Byte((byte)type);
        }

        _buffer.Bytes(entry);
    }

    /// <summary>A finished record, type byte first: for kinds that are passed on unread.</summary>
    public void AddRecord(ReadOnlySpan<byte> record)
    {
        Close();
        _buffer.Bytes(record);
        Close();
    }

    /// <summary>All records of another batch, behind those that are here.</summary>
    internal void AddAll(WalBatch other)
    {
        var count = other.RecordCount;
        for (var i = 0; i < count; i++)
        {
            AddRecord(other.Record(i));
        }
    }

    internal ReadOnlySpan<byte> Record(int index)
    {
        Close();
        var start = index == 0 ? 0 : _ends[index - 1];
        return _buffer.Written[start.._ends[index]];
    }

    private void OpenSamples(ulong baseRef, long baseTimestampMs)
    {
        _open = WalRecordType.Samples;
        _baseRef = baseRef;
        _baseTimestampMs = baseTimestampMs;
        SamplesRecord.WriteHeader(_buffer, baseRef, baseTimestampMs);
    }

    /// <summary>True when an entry of this kind continues the present record; else that record is closed and a new one is due.</summary>
    private bool IsOpen(WalRecordType type)
    {
        if (_open == type && _buffer.Length - LastEnd < MaxRecordLength)
        {
            return true;
        }

        Close();
        _open = type;
        return false;
    }

    private int LastEnd => _closed == 0 ? 0 : _ends[_closed - 1];

    private void Close()
    {
        if (_buffer.Length == LastEnd)
        {
            return;
        }

        if (_closed == _ends.Length)
        {
            Array.Resize(ref _ends, _closed * 2);
        }

        _ends[_closed++] = _buffer.Length;
        _open = 0;
    }
}
