using ScrapeCluster.Model;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Agent;

/// <summary>
/// Brings one batch into the log: <see cref="Prepare"/> checks it and collects the records, the caller writes them, then <see cref="Commit"/> moves the
/// series' times, or <see cref="Abandon"/> forgets the series that were made. Rules: Prometheus tsdb/agent/db.go without out-of-order window. A sample
/// must be newer than the last one of its series that was committed; nothing else is asked, so a batch may hold several of one time.
/// </summary>
internal sealed class AgentAppender(AgentSeries series, StorageCounters counters)
{
    private readonly List<uint> _made = [];
    private readonly MetadataAppender? _metadata = series.Metadata is { } table ? new MetadataAppender(table, series.Refs) : null;
    private readonly List<RefusedSample> _refused = [];
    private readonly List<UnknownSample> _unknown = [];
    private uint[] _rows = new uint[1024];
    private ulong[] _refs = new ulong[1024];
    private double[] _values = new double[1024];
    private ulong[] _newRefs = [];
    private int _new;

    /// <summary>Null, or why the batch as a whole cannot be stored.</summary>
    public string? Prepare(SampleBatch batch, WalBatch log)
    {
        if (batch.NewSeries.Exists(static added => added.Labels.Count == 0))
        {
            return "a series has 0 labels; the storage takes those with at least one";
        }

        Begin(batch);
        var refs = batch.Refs;
        for (var i = 0; i < refs.Length; i++)
        {
            var timestamp = TimeOf(batch, i);
            var row = refs[i] == 0 ? ResolveNew(batch, log) : series.Refs.Find(refs[i]);
            _rows[i] = AgentSeries.None;
            if (row == AgentSeries.None)
            {
                _unknown.Add(new UnknownSample(i, batch.Values[i], timestamp));
            }
            else if (timestamp <= series.LastMs(row))
            {
                Refuse(batch, i);
            }
            else
            {
                _rows[i] = row;
            }
        }

        _metadata?.Prepare(batch, _newRefs, log);
        LogSamples(batch, log);
        return null;
    }

    /// <summary>The log has the batch.</summary>
    public AppendResult Commit(SampleBatch batch)
    {
        var appended = 0;
        var highestMs = 0L;
        for (var i = 0; i < batch.Count; i++)
        {
            if (_rows[i] != AgentSeries.None)
            {
                ref var last = ref series.LastMs(_rows[i]);
                last = Math.Max(last, TimeOf(batch, i));
                highestMs = Math.Max(highestMs, TimeOf(batch, i));
                appended++;
            }
        }

        counters.Appended += appended;
        counters.ToLog.Note(appended, highestMs);
        return _newRefs.Length == 0 && _refused.Count == 0 && _unknown.Count == 0
            ? AppendResult.Stored(batch.Round)
            : new AppendResult(batch.Round, null, _newRefs, [.. _refused], [.. _unknown]);
    }

    /// <summary>The log does not have the batch. Nobody was told of the series that it made; their references are not given again.</summary>
    public void Abandon()
    {
        _metadata?.Abandon();
        _made.ForEach(series.Remove);
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

        _made.Clear();
        _refused.Clear();
        _unknown.Clear();
        _new = 0;
        _newRefs = batch.NewSeries.Count == 0 ? [] : new ulong[batch.NewSeries.Count];
    }

    private static long TimeOf(SampleBatch batch, int index) => batch.TimestampsMs.IsEmpty ? batch.TimestampMs : batch.TimestampsMs[index];

    /// <summary>The row of the next series that was sent with labels; a new one goes into the log, also when its sample is refused.</summary>
    private uint ResolveNew(SampleBatch batch, WalBatch log)
    {
        var labels = batch.NewSeries[_new].Labels;
        var key = LabelsKey.Of(labels);
        var row = series.Find(key);
        if (row == AgentSeries.None)
        {
            row = series.Add(key, series.Refs.Next());
            _made.Add(row);
            log.AddSeries(series.Ref(row), labels);
        }

        _newRefs[_new++] = series.Ref(row);
        return row;
    }

    private void Refuse(SampleBatch batch, int index)
    {
        counters.OutOfOrder++;
        if (index < batch.ReportedCount)
        {
            _refused.Add(new RefusedSample(index, RefusalReason.OutOfOrder));
            if (batch.Refs[index] == 0)
            {
                batch.DeductAddedSeries();
            }
        }
    }

    private void LogSamples(SampleBatch batch, WalBatch log)
    {
        var count = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            if (_rows[i] == AgentSeries.None)
            {
                continue;
            }

            var seriesRef = series.Ref(_rows[i]);
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
}
