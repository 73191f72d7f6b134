using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Opening;

/// <summary>
/// Learns from the log which metadata it has of each series; the newest stays. What stands under another reference of a series does not count: it goes with
/// that reference, so the series' own is written when the target next says it.
/// </summary>
internal sealed class MetadataReplay(MetadataTable table, SeriesRefs refs)
{
    private MetricMetadata? _last;
    private byte[] _lastUnit = [];
    private byte[] _lastHelp = [];

    /// <summary>True when the record ends inside an entry.</summary>
    public bool Read(ReadOnlySpan<byte> record)
    {
        var entries = new MetadataRecordReader(record);
        while (entries.MoveNext())
        {
            var row = refs.Find(entries.Ref);
            if (row == SeriesTable.None)
            {
                refs.Reserve(entries.Ref);
            }
            else
            {
                table.Set(row, MetadataOf(entries));
            }
        }

        return entries.IsBroken;
    }

    /// <summary>The series of a family stand together, and say the same.</summary>
    private MetricMetadata MetadataOf(in MetadataRecordReader entry)
    {
        if (_last is null || _last.Type != entry.Type || !entry.Unit.SequenceEqual(_lastUnit) || !entry.Help.SequenceEqual(_lastHelp))
        {
            _last = entry.ToMetadata();
            _lastUnit = entry.Unit.ToArray();
            _lastHelp = entry.Help.ToArray();
        }

        return _last;
    }
}
