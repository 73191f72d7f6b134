using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Wal;

/// <param name="Passed">Exemplars and histograms, which nothing here reads, carried on.</param>
/// <param name="OtherRecords">Records of kinds that a checkpoint does not carry, dropped.</param>
/// <param name="BrokenRecords">Records that end inside an entry; what stood before is kept.</param>
public readonly record struct CheckpointCounts(
    long Series, long DroppedSeries, long Samples, long DroppedSamples, long Passed, long OtherRecords, long BrokenRecords);

/// <summary>
/// Chooses what of the old records goes into a checkpoint. What nothing here reads (exemplars, histograms, unknown fields of metadata) goes there byte
/// for byte, entry by entry, while its series lives and it is young enough.
/// </summary>
internal sealed class CheckpointFilter(Func<ulong, bool> keep, long minTimestampMs)
{
    private readonly RecordBuffer _chosen = new();
    private readonly Dictionary<ulong, byte[]> _metadata = [];
    private long _series;
    private long _droppedSeries;
    private long _samples;
    private long _droppedSamples;
    private long _passed;
    private long _others;
    private long _broken;

    public CheckpointCounts Counts => new(_series, _droppedSeries, _samples, _droppedSamples, _passed, _others, _broken);

    /// <summary>Series whose records were written from memory; those of the log are left out from then on.</summary>
    public HashSet<ulong> Restored { get; set; } = [];

    public void Add(ReadOnlySpan<byte> record, WalBatch batch)
    {
        var isBroken = (WalRecordType)record[0] switch
        {
            WalRecordType.Series => AddSeries(record, batch),
            WalRecordType.Samples => AddSamples(record, batch),
            WalRecordType.Tombstones => AddTombstones(record, batch),
            WalRecordType.Metadata => NoteMetadata(record),
            _ when TimedRecordReader.Reads(record) => AddTimed(record, batch),
            _ => CountOther(),
        };
        _broken += isBroken ? 1 : 0;
    }

    /// <summary>The newest metadata of each series, at the end.</summary>
    public void AddMetadata(WalBatch batch)
    {
        foreach (var entry in _metadata.Values)
        {
            batch.AddEntry(WalRecordType.Metadata, entry);
        }
    }

    private bool AddSeries(ReadOnlySpan<byte> record, WalBatch batch)
    {
        var entries = new SeriesRecordReader(record);
        while (entries.MoveNext())
        {
            if (!keep(entries.Ref))
            {
                _droppedSeries++;
                continue;
            }

            _series++;
            if (Restored.Count == 0 || !Restored.Contains(entries.Ref))
            {
                batch.AddEntry(WalRecordType.Series, entries.Entry);
            }
        }

        return entries.IsBroken;
    }

    private bool AddSamples(ReadOnlySpan<byte> record, WalBatch batch)
    {
        var entries = new SamplesRecordReader(record);
        while (entries.MoveNext())
        {
            if (entries.TimestampMs < minTimestampMs || !keep(entries.Ref))
            {
                _droppedSamples++;
                continue;
            }

            batch.AddSample(entries.Ref, entries.TimestampMs, entries.Value);
            _samples++;
        }

        return entries.IsBroken;
    }

    private bool AddTombstones(ReadOnlySpan<byte> record, WalBatch batch)
    {
        var entries = new TombstonesRecordReader(record);
        while (entries.MoveNext())
        {
            if (entries.MaxTimestampMs >= minTimestampMs && keep(entries.Ref))
            {
                batch.AddEntry(WalRecordType.Tombstones, entries.Entry);
            }
        }

        return entries.IsBroken;
    }

    private bool NoteMetadata(ReadOnlySpan<byte> record)
    {
        var entries = new MetadataRecordReader(record);
        while (entries.MoveNext())
        {
            if (keep(entries.Ref))
            {
                _metadata[entries.Ref] = entries.Entry.ToArray();
            }
        }

        return entries.IsBroken;
    }

    private bool AddTimed(ReadOnlySpan<byte> record, WalBatch batch)
    {
        _chosen.Clear();
        var entries = new TimedRecordReader(record);
        while (entries.MoveNext())
        {
            if (entries.TimestampMs < minTimestampMs || !keep(entries.Ref))
            {
                continue;
            }

            if (_chosen.Length == 0)
            {
                _chosen.Bytes(entries.Header);
            }

            _chosen.Bytes(entries.Entry);
            _passed++;
        }

        if (_chosen.Length > 0)
        {
            batch.AddRecord(_chosen.Written);
        }

        return entries.IsBroken;
    }

    private bool CountOther()
    {
        _others++;
        return false;
    }
}
