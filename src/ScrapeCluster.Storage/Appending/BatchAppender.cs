using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// Brings one batch into log and head, all or nothing as far as the log is concerned:
/// 1. <see cref="Prepare"/> checks every sample against the head and against earlier samples of the batch, and collects the
///    log's records. Nothing is visible yet but new series without samples.
/// 2. The caller writes the records.
/// 3. <see cref="Commit"/> puts the samples into the head; or, when the log failed, <see cref="Abandon"/>: series made in
///    step 1 stay, and are logged with the next batch that uses them.
/// Rules: Prometheus tsdb/head_append.go, without out-of-order window.
/// </summary>
internal sealed class BatchAppender(HeadBlock head, StorageCounters counters)
{
    private readonly HashSet<uint> _unlogged = [];
    private readonly List<uint> _loggedHere = [];
    private readonly MetadataAppender? _metadata = head.Metadata is { } table ? new MetadataAppender(table, head.Refs) : null;
    private readonly List<RefusedSample> _refused = [];
    private readonly List<UnknownSample> _unknown = [];
    private uint[] _rows = new uint[1024];
    private ulong[] _refs = new ulong[1024];
    private double[] _values = new double[1024];
    private ulong[] _newRefs = [];
    private uint _stampBase = 1;
    private int _stamped;
    private int _new;

    /// <summary>Null, or why the batch as a whole cannot be stored.</summary>
    public string? Prepare(SampleBatch batch, WalBatch log)
    {
        if (Unfit(batch) is { } fault)
        {
            return fault;
        }

        Begin(batch);
        var minValid = head.MinValidMs;
        var refs = batch.Refs;
        var timestamps = batch.TimestampsMs;
        for (var i = 0; i < refs.Length; i++)
        {
            var timestamp = timestamps.IsEmpty ? batch.TimestampMs : timestamps[i];
            _rows[i] = SeriesTable.None;
            if (timestamp < minValid)
            {
                counters.OutOfBounds++;
                Refuse(batch, i, RefusalReason.OutOfBounds);
                continue;
            }

            var row = refs[i] == 0 ? ResolveNew(batch, log) : head.Refs.Find(refs[i]);
            if (row == SeriesTable.None)
            {
                _unknown.Add(new UnknownSample(i, batch.Values[i], timestamp));
            }
            else if (Check(batch, i, row, timestamp) is { } reason)
            {
                counters.OutOfOrder += reason == RefusalReason.OutOfOrder ? 1 : 0;
                Refuse(batch, i, reason);
            }
            else
            {
                _rows[i] = row;
                head.Series.Stamp(row) = _stampBase + (uint)i;
            }
        }

        _metadata?.Prepare(batch, _newRefs, log);
        LogSamples(batch, log);
        return null;
    }

    /// <summary>The log has the batch: make it visible.</summary>
    public AppendResult Commit(SampleBatch batch)
    {
        var values = batch.Values;
        var timestamps = batch.TimestampsMs;
        var appended = 0;
        var highestMs = 0L;
        for (var i = 0; i < values.Length; i++)
        {
            if (_rows[i] != SeriesTable.None)
            {
                var timestampMs = timestamps.IsEmpty ? batch.TimestampMs : timestamps[i];
                head.Append(_rows[i], timestampMs, values[i]);
                highestMs = Math.Max(highestMs, timestampMs);
                appended++;
            }
        }

        counters.Appended += appended;
        counters.ToLog.Note(appended, highestMs);

        return _newRefs.Length == 0 && _refused.Count == 0 && _unknown.Count == 0
            ? AppendResult.Stored(batch.Round)
            : new AppendResult(batch.Round, null, _newRefs, [.. _refused], [.. _unknown]);
    }

    /// <summary>The log does not have the batch: series that it was to make known are marked, to be logged when next sent.</summary>
    public void Abandon()
    {
        _unlogged.UnionWith(_loggedHere);
        _metadata?.Abandon();
    }

    /// <summary>Forgets marks of series that were collected.</summary>
    public void ForgetCollected() => _unlogged.RemoveWhere(row => head.Series.Row(row).LabelCount == 0);

    private static string? Unfit(SampleBatch batch)
    {
        foreach (var added in batch.NewSeries)
        {
            if (added.Labels.Count is 0 or > HeadBlock.MaxLabels)
            {
                return $"a series has {added.Labels.Count} labels; the storage takes 1 to {HeadBlock.MaxLabels} (see label_limit of the scrape config)";
            }
        }

        return null;
    }

    private void Begin(SampleBatch batch)
    {
        if (_rows.Length < batch.Count)
        {
            var size = Math.Max(_rows.Length * 2, batch.Count);
            _rows = new uint[size];
            _refs = new ulong[size];
            _values = new double[size];
        }

        _refused.Clear();
        _unknown.Clear();
        _loggedHere.Clear();
        _new = 0;
        _newRefs = batch.NewSeries.Count == 0 ? [] : new ulong[batch.NewSeries.Count];
        _stampBase += (uint)_stamped;
        _stamped = batch.Count;
    }

    /// <summary>The row of the next series that was sent with labels; a new or still unlogged one goes into the log.</summary>
    private uint ResolveNew(SampleBatch batch, WalBatch log)
    {
        var labels = batch.NewSeries[_new].Labels;
        var row = head.FindOrCreate(labels, out var created);
        if (created || (_unlogged.Count > 0 && _unlogged.Remove(row)))
        {
            _loggedHere.Add(row);
            log.AddSeries(head.Series.Ref(row), labels);
        }

        _newRefs[_new++] = head.Series.Ref(row);
        return row;
    }

    private RefusalReason? Check(SampleBatch batch, int index, uint row, long timestampMs)
    {
        ref var series = ref head.Series.Row(row);
        var last = series.LastTimestampMs;
        var lastBits = series.LastValueBits;

        // A stamp of this batch points at the series' last accepted sample here. An ancient one may look alike after the
        // counter went round, so the row there must agree.
        var earlier = head.Series.Stamp(row) - _stampBase;
        if (earlier < (uint)index && _rows[earlier] == row)
        {
            last = batch.TimestampsMs.IsEmpty ? batch.TimestampMs : batch.TimestampsMs[(int)earlier];
            lastBits = BitConverter.DoubleToUInt64Bits(batch.Values[(int)earlier]);
        }

        if (timestampMs > last)
        {
            return null;
        }

        if (timestampMs < last)
        {
            return RefusalReason.OutOfOrder;
        }

        // An identical repetition is accepted; the head stores it once.
        return BitConverter.DoubleToUInt64Bits(batch.Values[index]) == lastBits ? null : RefusalReason.DuplicateTimestamp;
    }

    private void Refuse(SampleBatch batch, int index, RefusalReason reason)
    {
        var isNew = batch.Refs[index] == 0;
        if (isNew && reason == RefusalReason.OutOfBounds)
        {
            _new++;
        }

        if (index < batch.ReportedCount)
        {
            _refused.Add(new RefusedSample(index, reason));
            if (isNew)
            {
                batch.DeductAddedSeries();
            }
        }
    }

    private void LogSamples(SampleBatch batch, WalBatch log)
    {
        if (batch.TimestampsMs.IsEmpty && batch.NewSeries.Count == 0 && !HasHoles(batch.Count))
        {
            log.AddSamples(batch.Refs, batch.Values, batch.TimestampMs);
            return;
        }

        var count = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            if (_rows[i] == SeriesTable.None)
            {
                continue;
            }

            var seriesRef = head.Series.Ref(_rows[i]);
            if (batch.TimestampsMs.IsEmpty)
            {
                _refs[count] = seriesRef;
                _values[count++] = batch.Values[i];
            }
            else
            {
                log.AddSample(seriesRef, batch.TimestampsMs[i], batch.Values[i]);
            }
        }

        log.AddSamples(_refs.AsSpan(0, count), _values.AsSpan(0, count), batch.TimestampMs);
    }

    private bool HasHoles(int count) => _rows.AsSpan(0, count).Contains(SeriesTable.None);
}
