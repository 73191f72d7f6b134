using ScrapeCluster.Model;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Index;

namespace ScrapeCluster.Storage.Head;

/// <summary>
/// The newest samples of all series in memory: rows, chunk blocks and the label index. One thread writes; any number of
/// readers go through <c>StorageQuery</c> under an epoch and never lock the writer.
/// </summary>
internal sealed partial class HeadBlock
{
    public const int MaxLabels = 1 << 14;

    private readonly RetiredItems _retired;
    private readonly uint[] _ids = new uint[MaxLabels];
    private long _minTimeMs = long.MaxValue;
    private long _maxTimeMs = long.MinValue;
    private long _truncatedBeforeMs = long.MinValue;
    private int _seriesCount;
    private long _closedCount;
    private long _openCount;

    public HeadBlock()
    {
        Epochs = new ReaderEpochs();
        ByLabels = new SeriesByLabels(Series, Runs);
        _retired = new RetiredItems(Epochs);
    }

    public ReaderEpochs Epochs { get; }

    public ChunkBlocks Blocks { get; } = new();

    public ClosedChunks Closed { get; } = new();

    public SeriesTable Series { get; } = new();

    public SeriesRefs Refs { get; } = new();

    public LabelIndex Labels { get; } = new();

    public LabelRuns Runs { get; } = new();

    public SeriesByLabels ByLabels { get; }

    public DeletedRanges Deleted { get; } = new();

    /// <summary>What the log says of the series; null when it is not kept.</summary>
    public MetadataTable? Metadata { get; init; }

    public int SeriesCount => Volatile.Read(ref _seriesCount);

    public long ChunkCount => Volatile.Read(ref _closedCount) + Volatile.Read(ref _openCount);

    public long SeriesCreated { get; private set; }

    public long SeriesRemoved { get; private set; }

    /// <summary><see cref="long.MaxValue"/> while the head is empty.</summary>
    public long MinTimeMs => Volatile.Read(ref _minTimeMs);

    /// <summary><see cref="long.MinValue"/> while the head is empty.</summary>
    public long MaxTimeMs => Volatile.Read(ref _maxTimeMs);

    /// <summary>Older samples are out of bounds: half a chunk range behind the newest, or cut off (Prometheus tsdb/head_append.go).</summary>
    public long MinValidMs
    {
        get
        {
            var newest = _maxTimeMs;
            return newest == long.MinValue ? _truncatedBeforeMs : Math.Max(newest - (ChunkCut.RangeMs / 2), _truncatedBeforeMs);
        }
    }

    /// <summary>The row of the series with these labels, made if there is none.</summary>
    public uint FindOrCreate(Labels labels, out bool created) => FindOrCreate(labels, 0, out created);

    /// <param name="seriesRef">The reference to give to a new series; 0 for the next free one.</param>
    public uint FindOrCreate(Labels labels, ulong seriesRef, out bool created)
    {
        if (Labels.TryFind(labels, _ids))
        {
            var known = ByLabels.Find(_ids.AsSpan(0, labels.Count));
            if (known != SeriesTable.None)
            {
                created = false;
                return known;
            }
        }

        created = true;
        return Create(Labels.Intern(labels, _ids), seriesRef == 0 ? Refs.Next() : seriesRef);
    }

    /// <summary>Stores a validated sample. One that is not newer than the series' last is an identical repetition: nothing to do.</summary>
    public void Append(uint row, long timestampMs, double value)
    {
        ref var series = ref Series.Row(row);
        var valueBits = BitConverter.DoubleToUInt64Bits(value);
        if (timestampMs <= series.LastTimestampMs)
        {
            return;
        }

        if (series.Open == 0)
        {
            StartChunk(ref series, timestampMs, valueBits);
            Volatile.Write(ref _openCount, _openCount + 1);
        }
        else if (IsFull(ref series, timestampMs))
        {
            Close(ref series, Series.Ref(row));
            StartChunk(ref series, timestampMs, valueBits);
        }
        else
        {
            XorAppender.Append(ref series, Blocks, timestampMs, valueBits);
        }

        Cover(timestampMs, timestampMs);
    }

    public Labels LabelsOf(uint row)
    {
        ref var series = ref Series.Row(row);
        return Labels.ToLabels(Runs.Read(series.LabelsAt, series.LabelCount));
    }

    /// <summary>Every series with its labels, for another thread than the writer's; those that come or go meanwhile may be among them or not.</summary>
    public IEnumerable<(ulong Ref, Labels Labels)> KnownSeries()
    {
        using var reader = Epochs.Enter();
        var end = Series.End;
        for (var row = 1u; row < end; row++)
        {
            if (Volatile.Read(ref Series.Row(row).LabelCount) is not 0 and var count)
            {
                yield return (Series.Ref(row), Labels.ToLabels(Runs.Read(Series.Row(row).LabelsAt, count)));
            }
        }
    }

    private uint Create(ReadOnlySpan<uint> ids, ulong seriesRef)
    {
        var row = Series.Allocate();
        ref var series = ref Series.Row(row);
        series.LabelsAt = Runs.Store(ids);
        series.LastTimestampMs = long.MinValue;
        Series.Ref(row) = seriesRef;
        Volatile.Write(ref series.LabelCount, (ushort)ids.Length);
        ByLabels.Add(ids, row);
        Refs.Set(seriesRef, row);
        foreach (var id in ids)
        {
            Labels[id].Add(row);
        }

        SeriesCreated++;
        Volatile.Write(ref _seriesCount, _seriesCount + 1);
        return row;
    }

    private void StartChunk(ref SeriesRow series, long timestampMs, ulong valueBits)
    {
        series.CutAtMs = ChunkCut.RangeEnd(timestampMs);
        XorAppender.Start(ref series, Blocks, timestampMs, valueBits);
    }

    private static bool IsFull(ref SeriesRow series, long timestampMs)
    {
        var open = series.OpenChunk;
        if (open.SampleCount == ChunkCut.PredictAtSamples)
        {
            series.CutAtMs = ChunkCut.PredictEnd(series.OpenMinMs, series.LastTimestampMs, series.CutAtMs);
        }

        return timestampMs >= series.CutAtMs || open.SampleCount >= ChunkCut.MaxSamples;
    }

    /// <summary>Links the open chunk as closed. Readers that still see it as open too know it by its first block.</summary>
    private void Close(ref SeriesRow series, ulong seriesRef)
    {
        var node = Closed.Add(series.OpenMinMs, series.LastTimestampMs, series.OpenChunk, series.Closed);
        NoteForFlush(node, seriesRef);
        Volatile.Write(ref series.Closed, node);
        Volatile.Write(ref _closedCount, _closedCount + 1);
    }

    private void Cover(long minMs, long maxMs)
    {
        if (maxMs > _maxTimeMs)
        {
            Volatile.Write(ref _maxTimeMs, maxMs);
        }

        if (minMs < _minTimeMs)
        {
            Volatile.Write(ref _minTimeMs, minMs);
        }
    }
}
