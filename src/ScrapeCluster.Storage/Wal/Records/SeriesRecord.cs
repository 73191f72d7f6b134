using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>Series records: the labels behind each reference.</summary>
internal static class SeriesRecord
{
    public static void WriteEntry(RecordBuffer buffer, ulong seriesRef, Labels labels)
    {
        buffer.UInt64(seriesRef);
        buffer.UVarint((ulong)labels.Count);
        foreach (var label in labels)
        {
            buffer.Text(label.Name);
            buffer.Text(label.Value);
        }
    }
}

/// <summary>Reads a series record entry by entry. Borrowed from the record's bytes.</summary>
public ref struct SeriesRecordReader(ReadOnlySpan<byte> record)
{
    private readonly ReadOnlySpan<byte> _record = record;
    private RecordCursor _cursor = new(record[1..]);
    private RecordCursor _labels;
    private int _labelCount;
    private int _start;

    public ulong Ref { get; private set; }

    /// <summary>The bytes of the present entry.</summary>
    public readonly ReadOnlySpan<byte> Entry => _record[_start..(1 + _cursor.Position)];

    /// <summary>True when the record ended inside an entry: what was read before stands.</summary>
    public readonly bool IsBroken => _cursor.IsBroken;

    public bool MoveNext()
    {
        _start = 1 + _cursor.Position;
        if (_cursor.AtEnd)
        {
            return false;
        }

        Ref = _cursor.UInt64();
        _labelCount = (int)Math.Min(_cursor.UVarint(), int.MaxValue);
        _labels = _cursor;
        for (var i = 0; i < _labelCount && !_cursor.IsBroken; i++)
        {
            _cursor.Text();
            _cursor.Text();
        }

        return !_cursor.IsBroken;
    }

    /// <summary>Puts the labels of the present entry into the builder, which is cleared first.</summary>
    public readonly void ReadLabels(LabelsBuilder builder)
    {
        builder.Clear();
        var labels = _labels;
        for (var i = 0; i < _labelCount; i++)
        {
            var name = labels.Text();
            builder.Add(name, labels.Text());
        }
    }
}
