using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Wal;

/// <param name="OtherRecords">Records of kinds that a checkpoint does not carry, dropped.</param>
/// <param name="BrokenRecords">Records that end inside an entry; what stood before is kept.</param>
public readonly record struct CheckpointCounts(long Series, long DroppedSeries, long Samples, long DroppedSamples, long OtherRecords, long BrokenRecords);

/// <summary>Chooses what of the old records goes into a checkpoint.</summary>
internal sealed class CheckpointFilter(Func<ulong, bool> keep, long minTimestampMs)
{
    private readonly LabelsBuilder _labels = new();
    private readonly Dictionary<ulong, MetricMetadata> _metadata = [];
    private long _series;
    private long _droppedSeries;
    private long _samples;
    private long _droppedSamples;
    private long _others;
    private long _broken;

    public CheckpointCounts Counts => new(_series, _droppedSeries, _samples, _droppedSamples, _others, _broken);

    public void Add(ReadOnlySpan<byte> record, WalBatch batch)
    {
        var isBroken = (WalRecordType)record[0] switch
        {
            WalRecordType.Series => AddSeries(record, batch),
            WalRecordType.Samples => AddSamples(record, batch),
            WalRecordType.Tombstones => AddTombstones(record, batch),
            WalRecordType.Metadata => NoteMetadata(record),
            WalRecordType.Exemplars or WalRecordType.Histograms or WalRecordType.FloatHistograms
                or WalRecordType.CustomBucketHistograms or WalRecordType.CustomBucketFloatHistograms => AddTimed(record, batch),
            _ => CountOther(),
        };
        _broken += isBroken ? 1 : 0;
    }

    /// <summary>The newest metadata of each series, at the end.</summary>
    public void AddMetadata(WalBatch batch)
    {
        foreach (var (seriesRef, metadata) in _metadata)
        {
            batch.AddMetadata(seriesRef, metadata);
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

            entries.ReadLabels(_labels);
            batch.AddSeries(entries.Ref, _labels.ToLabels());
            _series++;
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
                batch.AddTombstone(entries.Ref, entries.MinTimestampMs, entries.MaxTimestampMs);
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
                _metadata[entries.Ref] = entries.ToMetadata();
            }
        }

        return entries.IsBroken;
    }

    /// <summary>Exemplars and histograms are passed on as whole records while one entry is young enough: nothing here changes them.</summary>
    private bool AddTimed(ReadOnlySpan<byte> record, WalBatch batch)
    {
        var entries = new TimedRecordReader(record);
        while (entries.MoveNext())
        {
            if (entries.TimestampMs >= minTimestampMs && keep(entries.Ref))
            {
                batch.AddRecord(record);
                return false;
            }
        }

        return entries.IsBroken;
    }

    private bool CountOther()
    {
        _others++;
        return false;
    }
}
