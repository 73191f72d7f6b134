using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>Metadata records: type, unit and help behind each reference.</summary>
internal static class MetadataRecord
{
    public static void WriteEntry(RecordBuffer buffer, ulong seriesRef, MetricMetadata metadata)
    {
        buffer.UVarint(seriesRef);
        buffer.Byte((byte)metadata.Type);
        buffer.UVarint(2);
        buffer.Text("UNIT"u8);
        buffer.Text(metadata.Unit);
        buffer.Text("HELP"u8);
        buffer.Text(metadata.Help);
    }
}

/// <summary>Reads a metadata record entry by entry; fields that are neither UNIT nor HELP are passed over.</summary>
public ref struct MetadataRecordReader(ReadOnlySpan<byte> record)
{
    private readonly ReadOnlySpan<byte> _record = record;
    private RecordCursor _cursor = new(record[1..]);
    private int _start;

    public ulong Ref { get; private set; }

    /// <summary>The bytes of the present entry, unknown fields included.</summary>
    public readonly ReadOnlySpan<byte> Entry => _record[_start..(1 + _cursor.Position)];

    public MetricType Type { get; private set; }

    public ReadOnlySpan<byte> Unit { get; private set; }

    public ReadOnlySpan<byte> Help { get; private set; }

    public readonly bool IsBroken => _cursor.IsBroken;

    public bool MoveNext()
    {
        _start = 1 + _cursor.Position;
        if (_cursor.AtEnd)
        {
            return false;
        }

        Ref = _cursor.UVarint();
        Type = (MetricType)_cursor.Byte();
        Unit = default;
        Help = default;
        var fields = _cursor.UVarint();
        for (ulong i = 0; i < fields && !_cursor.IsBroken; i++)
        {
            var name = _cursor.Text();
            var value = _cursor.Text();
            if (name.SequenceEqual("UNIT"u8))
            {
                Unit = value;
            }
            else if (name.SequenceEqual("HELP"u8))
            {
                Help = value;
            }
        }

        return !_cursor.IsBroken;
    }

    public readonly MetricMetadata ToMetadata() => new(Type, Encoding.UTF8.GetString(Help), Encoding.UTF8.GetString(Unit));
}
