using ScrapeCluster.Model;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Opening;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Agent;

/// <param name="UnknownRefs">Samples whose series is in no record that could be read.</param>
/// <param name="BrokenRecords">Records that end inside an entry; what stood before was taken.</param>
/// <param name="LogOnly">References whose series records must outlive the log's present segments.</param>
internal sealed record AgentReplayReport(long Samples, long UnknownRefs, long BrokenRecords, IReadOnlyList<WalDamage> Damages, LogOnlyRefs LogOnly);

/// <summary>Learns from checkpoint and segments which series there are, and when each had its last sample.</summary>
internal sealed class AgentReplay(AgentSeries series, ReplayProgress progress, PassedEntries passed)
{
    private readonly Dictionary<ulong, uint> _aliases = [];
    private readonly LogOnlyRefs _logOnly = new();
    private readonly LabelsBuilder _labels = new();
    private readonly MetadataReplay? _metadata = series.Metadata is { } table ? new MetadataReplay(table, series.Refs) : null;
    private long _samples;
    private long _unknown;
    private long _broken;

    /// <param name="stopAtDamage">Nothing behind the first damage is taken.</param>
    public AgentReplayReport Run(string walDirectory, bool stopAtDamage, IDataFiles files, CancellationToken cancellation)
    {
        progress.Start(WalFormat.SegmentsBehindCheckpoint(walDirectory));
        using var reader = new WalReader(walDirectory) { StopsAtDamage = stopAtDamage, Files = files };
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
                WalRecordType.Metadata when _metadata is not null => _metadata.Read(record),
                _ => Pass(record),
            };
            _broken += isBroken ? 1 : 0;
        }

        return new AgentReplayReport(_samples, _unknown, _broken, [.. reader.Damages], _logOnly);
    }

    private bool ReadSeries(ReadOnlySpan<byte> record)
    {
        var reader = new SeriesRecordReader(record);
        while (reader.MoveNext())
        {
            reader.ReadLabels(_labels);
            var key = LabelsKey.Of(_labels.ToLabels());
            var row = series.Find(key);
            if (row == AgentSeries.None)
            {
                series.Add(key, reader.Ref);
            }
            else if (series.Ref(row) != reader.Ref)
            {
                _aliases[reader.Ref] = row;
                _logOnly.Note(reader.Ref);
                series.Refs.Reserve(reader.Ref);
            }
        }

        return reader.IsBroken;
    }

    private bool ReadSamples(ReadOnlySpan<byte> record)
    {
        var reader = new SamplesRecordReader(record);
        while (reader.MoveNext())
        {
            var row = series.Refs.Find(reader.Ref);
            if (row == AgentSeries.None)
            {
                if (!_aliases.TryGetValue(reader.Ref, out row))
                {
                    _unknown++;
                    series.Refs.Reserve(reader.Ref);
                    continue;
                }

                _logOnly.Note(reader.Ref, reader.TimestampMs);
            }

            ref var last = ref series.LastMs(row);
            last = Math.Max(last, reader.TimestampMs);
            _samples++;
        }

        return reader.IsBroken;
    }

    private bool Pass(ReadOnlySpan<byte> record)
    {
        var entries = PassedRecord.Of(record);
        passed.Add(record, entries);
        _logOnly.NoteAll(record);
        series.Refs.Reserve(entries.HighestRef);
        return entries.IsBroken;
    }
}
