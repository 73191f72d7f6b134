namespace ScrapeCluster.Model;

/// <summary>
/// All that one scrape appends, as structure of arrays: scraped samples first, then staleness markers and report samples.
/// Pooled. Ownership passes with the message: the sender must not touch it after sending, and only the storage (or the
/// dead-letter hook) gives it back by <see cref="SampleBatchPool.Return"/>.
/// </summary>
public sealed class SampleBatch
{
    private ulong[] _refs = new ulong[64];
    private double[] _values = new double[64];
    private long[]? _timestampsMs;

    /// <summary>Given by the sender and echoed in <see cref="AppendResult.Round"/>.</summary>
    public long Round { get; set; }

    /// <summary>Milliseconds since the epoch, for every sample without a timestamp of its own.</summary>
    public long TimestampMs { get; set; }

    /// <summary>Number of samples of all kinds.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// The first so many samples are scraped ones, whose refusal is reported. Those behind them are staleness markers and
    /// report samples: out-of-order and duplicate ones are dropped without a word.
    /// </summary>
    public int ReportedCount { get; set; }

    /// <summary>
    /// Index of the report sample that counts the series this scrape added (<c>scrape_series_added</c>), or -1.
    /// The storage calls <see cref="DeductAddedSeries"/> for each new series whose scraped sample it refuses.
    /// </summary>
    public int SeriesAddedIndex { get; set; } = -1;

    /// <summary>Storage references; 0 = a new series, whose labels stand in <see cref="NewSeries"/>.</summary>
    public ReadOnlySpan<ulong> Refs => _refs.AsSpan(0, Count);

    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>Empty when every sample has <see cref="TimestampMs"/>, else one timestamp a sample.</summary>
    public ReadOnlySpan<long> TimestampsMs => _timestampsMs is null ? default : _timestampsMs.AsSpan(0, Count);

    /// <summary>Series that are sent with labels, in the order of their index.</summary>
    public List<NewSeries> NewSeries { get; } = [];

    /// <summary>What is known of the families of some of the series, in the order of their index; empty where the node keeps no metadata.</summary>
    public List<SampleMetadata> Metadata { get; } = [];

    public void Add(ulong seriesRef, double value)
    {
        var index = Count;
        if (index == _refs.Length)
        {
            Grow();
        }

        _refs[index] = seriesRef;
        _values[index] = value;
        if (_timestampsMs is not null)
        {
            _timestampsMs[index] = TimestampMs;
        }

        Count = index + 1;
    }

    /// <summary>Adds a sample with a timestamp of its own. <see cref="TimestampMs"/> must be set before the first call.</summary>
    public void Add(ulong seriesRef, double value, long timestampMs)
    {
        if (_timestampsMs is null)
        {
            _timestampsMs = new long[_refs.Length];
            _timestampsMs.AsSpan(0, Count).Fill(TimestampMs);
        }

        Add(seriesRef, value);
        _timestampsMs[Count - 1] = timestampMs;
    }

    public void AddNew(Labels labels, double value)
    {
        NewSeries.Add(new NewSeries(Count, labels));
        Add(0, value);
    }

    public void AddNew(Labels labels, double value, long timestampMs)
    {
        NewSeries.Add(new NewSeries(Count, labels));
        Add(0, value, timestampMs);
    }

    /// <summary>Says what is known of the family of the series that was added last.</summary>
    public void Describe(MetricMetadata metadata) => Metadata.Add(new SampleMetadata(Count - 1, metadata));

    /// <summary>Takes one series off the reported count: before the batch is written, since a refused series was not added.</summary>
    public void DeductAddedSeries()
    {
        if (SeriesAddedIndex >= 0)
        {
            _values[SeriesAddedIndex]--;
        }
    }

    /// <summary>Drops every sample from <paramref name="count"/> on: a scrape that fails half-way takes back what it added.</summary>
    public void Truncate(int count)
    {
        Count = count;
        while (NewSeries.Count > 0 && NewSeries[^1].Index >= count)
        {
            NewSeries.RemoveAt(NewSeries.Count - 1);
        }

        while (Metadata.Count > 0 && Metadata[^1].Index >= count)
        {
            Metadata.RemoveAt(Metadata.Count - 1);
        }
    }

    /// <summary>About what the batch holds in memory, for the node's budget.</summary>
    public int CapacityBytes => (_refs.Length * (_timestampsMs is null ? 16 : 24)) + (Metadata.Capacity * 16);

    internal void Reset()
    {
        Count = 0;
        ReportedCount = 0;
        SeriesAddedIndex = -1;
        TimestampMs = 0;
        Round = 0;
        NewSeries.Clear();
        Metadata.Clear();
        _timestampsMs = null;
    }

    private void Grow()
    {
        var size = _refs.Length * 2;
        Array.Resize(ref _refs, size);
        Array.Resize(ref _values, size);
        if (_timestampsMs is not null)
        {
            Array.Resize(ref _timestampsMs, size);
        }
    }
}

/// <summary>A series that stands in a batch with its labels instead of a reference.</summary>
public readonly record struct NewSeries(int Index, Labels Labels);

/// <summary>Metadata of the series of one sample. Samples of a family share the instance.</summary>
public readonly record struct SampleMetadata(int Index, MetricMetadata Metadata);
