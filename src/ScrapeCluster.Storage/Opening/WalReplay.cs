using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Opening;

/// <summary>What a replay found.</summary>
/// <param name="UnknownRefs">Samples whose series is in no record that could be read.</param>
/// <param name="SkippedRecords">Records of kinds that are not kept here: histograms, exemplars, tombstones, metadata.</param>
/// <param name="UnsupportedRecords">Records compressed by a method that is not read here (zstd): samples may be among them.</param>
/// <param name="Aliases">References that stand for a series known under an older one; their series records must outlive the log's present segments.</param>
internal sealed record ReplayReport(
    long Series, long Samples, long UnknownRefs, long SkippedRecords, long UnsupportedRecords, IReadOnlyList<WalDamage> Damages, IReadOnlyCollection<ulong> Aliases);

/// <summary>Fills an empty head from checkpoint and segments. Damage costs the records it covers, nothing else.</summary>
internal sealed class WalReplay(HeadBlock head, MappedChunks mapped, ReplayProgress progress)
{
    private const int FlushAtChunks = 50_000;

    private readonly Dictionary<ulong, uint> _aliases = [];
    private readonly LabelsBuilder _labels = new();
    private long _series;
    private long _samples;
    private long _unknown;
    private long _skipped;

    public ReplayReport Run(string walDirectory, CancellationToken cancellation)
    {
        progress.Start(WalFormat.Segments(walDirectory));
        using var reader = new WalReader(walDirectory);
        while (reader.TryRead(out var record))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!reader.InCheckpoint)
            {
                progress.MoveTo(reader.Position.Segment);
            }

            switch ((WalRecordType)record[0])
            {
                case WalRecordType.Series:
                    ReadSeries(record);
                    break;
                case WalRecordType.Samples:
                    ReadSamples(record);
                    Flush(FlushAtChunks);
                    break;
                default:
                    _skipped++;
                    break;
            }
        }

        Flush(1);
        return new ReplayReport(_series, _samples, _unknown, _skipped, reader.UnsupportedRecords, [.. reader.Damages], _aliases.Keys);
    }

    private void ReadSeries(ReadOnlySpan<byte> record)
    {
        var reader = new SeriesRecordReader(record);
        while (reader.MoveNext())
        {
            reader.ReadLabels(_labels);
            var labels = _labels.ToLabels();
            if (labels.Count is 0 or > HeadBlock.MaxLabels)
            {
                _skipped++;
                continue;
            }

            var row = head.FindOrCreate(labels, reader.Ref, out _);
            if (head.Series.Ref(row) != reader.Ref)
            {
                _aliases[reader.Ref] = row;
                head.Refs.Reserve(reader.Ref);
            }

            mapped.AttachTo(head, row, reader.Ref);
            _series++;
        }
    }

    private void ReadSamples(ReadOnlySpan<byte> record)
    {
        var reader = new SamplesRecordReader(record);
        while (reader.MoveNext())
        {
            var row = head.Refs.Find(reader.Ref);
            if (row == SeriesTable.None && !_aliases.TryGetValue(reader.Ref, out row))
            {
                _unknown++;
                head.Refs.Reserve(reader.Ref);
                continue;
            }

            head.Append(row, reader.TimestampMs, reader.Value);
            _samples++;
        }
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
