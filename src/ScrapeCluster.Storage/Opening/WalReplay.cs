using ScrapeCluster.Model;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Opening;

/// <summary>What a replay found.</summary>
/// <param name="UnknownRefs">Samples whose series is in no record that could be read.</param>
/// <param name="BrokenRecords">Records that end inside an entry; what stood before was taken.</param>
/// <param name="LogOnly">References whose series records must outlive the log's present segments.</param>
internal sealed record ReplayReport(
    long Series, long Samples, long UnknownRefs, long BrokenRecords, IReadOnlyList<WalDamage> Damages, LogOnlyRefs LogOnly);

/// <summary>Fills an empty head from checkpoint and segments. Damage costs the records it covers, nothing else.</summary>
/// <param name="minMs">Samples before it are in blocks.</param>
internal sealed class WalReplay(HeadBlock head, MappedChunks mapped, ReplayProgress progress, PassedEntries passed, long minMs)
{
    private const int FlushAtChunks = 50_000;

    private readonly Dictionary<ulong, uint> _aliases = [];
    private readonly LogOnlyRefs _logOnly = new();
    private readonly LabelsBuilder _labels = new();
    private readonly MetadataReplay? _metadata = head.Metadata is { } table ? new MetadataReplay(table, head.Refs) : null;
    private long _series;
    private long _samples;
    private long _unknown;
    private long _broken;

    /// <param name="stopAtDamage">Nothing behind the first damage is taken.</param>
    public ReplayReport Run(string walDirectory, bool stopAtDamage, CancellationToken cancellation, IDataFiles? files = null)
    {
        progress.Start(WalFormat.SegmentsBehindCheckpoint(walDirectory));
        using var reader = new WalReader(walDirectory) { StopsAtDamage = stopAtDamage, Files = files ?? DiskFiles.Instance };
        while (reader.TryRead(out var record))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!reader.InCheckpoint)
            {
                progress.MoveTo(reader.Position.Segment);
            }

            var isBroken = (WalRecordType)record[0] switch
            {
                WalRecordType.Series => ReadSeries(record),
                WalRecordType.Samples => ReadSamples(record),
                WalRecordType.Tombstones => ReadTombstones(record),
                WalRecordType.Metadata when _metadata is not null => _metadata.Read(record),
                _ => Pass(record),
            };
            _broken += isBroken ? 1 : 0;
        }

        Flush(1);
        foreach (var seriesRef in mapped.UnclaimedRefs)
        {
            head.Refs.Reserve(seriesRef);
        }

        return new ReplayReport(_series, _samples, _unknown, _broken, [.. reader.Damages], _logOnly);
    }

    private bool ReadSeries(ReadOnlySpan<byte> record)
    {
        var reader = new SeriesRecordReader(record);
        while (reader.MoveNext())
        {
            reader.ReadLabels(_labels);
            var labels = _labels.ToLabels();
            if (labels.Count is 0 or > HeadBlock.MaxLabels)
            {
                _unknown++;
                head.Refs.Reserve(reader.Ref);
                continue;
            }

            var row = head.FindOrCreate(labels, reader.Ref, out _);
            if (head.Series.Ref(row) != reader.Ref)
            {
                _aliases[reader.Ref] = row;
                _logOnly.Note(reader.Ref);
                head.Refs.Reserve(reader.Ref);
            }

            mapped.AttachTo(head, row, reader.Ref);
            _series++;
        }

        return reader.IsBroken;
    }

    private bool ReadSamples(ReadOnlySpan<byte> record)
    {
        var reader = new SamplesRecordReader(record);
        while (reader.MoveNext())
        {
            if (!TryFind(reader.Ref, out var row))
            {
                _unknown++;
                continue;
            }

            if (head.Series.Ref(row) != reader.Ref)
            {
                _logOnly.Note(reader.Ref, reader.TimestampMs);
            }

            _samples++;
            if (reader.TimestampMs >= minMs)
            {
                head.Append(row, reader.TimestampMs, reader.Value);
            }
        }

        Flush(FlushAtChunks);
        return reader.IsBroken;
    }

    private bool ReadTombstones(ReadOnlySpan<byte> record)
    {
        var reader = new TombstonesRecordReader(record);
        while (reader.MoveNext())
        {
            if (TryFind(reader.Ref, out var row))
            {
                head.Deleted.Add(row, reader.MinTimestampMs, reader.MaxTimestampMs);
            }
        }

        return reader.IsBroken;
    }

    private bool Pass(ReadOnlySpan<byte> record)
    {
        var entries = PassedRecord.Of(record);
        passed.Add(record, entries);
        _logOnly.NoteAll(record);
        head.Refs.Reserve(entries.HighestRef);
        return entries.IsBroken;
    }

    /// <summary>A reference without a series is never given to another one all the same.</summary>
    private bool TryFind(ulong seriesRef, out uint row)
    {
        row = head.Refs.Find(seriesRef);
        if (row != SeriesTable.None || _aliases.TryGetValue(seriesRef, out row))
        {
            return true;
        }

        head.Refs.Reserve(seriesRef);
        return false;
    }

    /// <summary>Keeps the memory of a long log bounded. A full disk is no reason to stop: the chunks stay in memory.</summary>
    private void Flush(int atChunks)
    {
        while (head.WaitingForFlush >= atChunks && head.BeginFlush() is { } flush)
        {
            flush.Run();
            head.EndFlush(flush);
            if (flush.Failure is not null)
            {
                return;
            }
        }
    }
}
