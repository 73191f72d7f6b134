using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>The storage's answer to a batch.</summary>
internal sealed partial class ScrapeAppender
{
    /// <summary>
    /// Takes the answer in: references of new series, refusals, series the storage has forgotten. What that leaves to say, the forgotten series with their labels
    /// and the markers of refused ones, is put into <paramref name="second"/>; it must be sent when it is not empty, and its answer settled too.
    /// </summary>
    /// <param name="second">May be null when the answer has neither refusals nor forgotten series.</param>
    public RefusalCounts Settle(AppendResult result, SampleBatch? second, long timestampMs)
    {
        // When nothing was stored, series without a reference stay without one and are sent with labels again.
        _stored = result.Error is null;
        TakeReferences(result.NewRefs);
        if (second is null)
        {
            return default;
        }

        second.TimestampMs = timestampMs;
        var markers = result.Refused.Length == 0 ? [] : TakeRefusals(result.Refused);
        var resent = ResendUnknown(result.Unknown, second);
        second.ReportedCount = resent.Count;
        foreach (var id in markers)
        {
            AppendMarker(id, second);
        }

        ResendReport(result.Unknown, second);
        _origins.Clear();
        _origins.ReportStart = int.MaxValue;
        foreach (var (id, tracked) in resent)
        {
            _origins.Add(id, tracked);
        }

        _origins.RememberNew(second);
        return RefusalCounts.Of(result.Refused);
    }

    private void TakeReferences(ulong[] references)
    {
        for (var i = 0; i < references.Length; i++)
        {
            var index = _origins.NewIndexes[i];
            if (index < _origins.Count)
            {
                _cache[_origins.IdOf(index)].Ref = references[i];
            }
            else if (index >= _origins.ReportStart)
            {
                _report.SetRef(index - _origins.ReportStart, references[i]);
            }
        }
    }

    /// <summary>A refused series is not tracked, unless another sample of it was accepted. Returns those that were tracked until now: their end is now.</summary>
    private List<int> TakeRefusals(RefusedSample[] refused)
    {
        foreach (var sample in refused)
        {
            _cache.Untrack(_origins.IdOf(sample.Index));
        }

        var next = 0;
        var indexes = Array.ConvertAll(refused, static sample => sample.Index);
        Array.Sort(indexes);
        for (var index = 0; index < _origins.Count; index++)
        {
            if (next < indexes.Length && indexes[next] == index)
            {
                next++;
            }
            else if (_origins.IsTracked(index))
            {
                _cache.Track(_origins.IdOf(index));
            }
        }

        foreach (var index in _origins.NewIndexes)
        {
            // It was not added after all: its next sample counts as an added series again.
            if (index < _origins.Count && Array.BinarySearch(indexes, index) >= 0)
            {
                _cache[_origins.IdOf(index)].Flags &= ~SeriesFlags.Known;
            }
        }

        return [.. refused.Select(sample => _origins.IdOf(sample.Index)).Distinct().Where(id => !_cache[id].Has(SeriesFlags.Tracked) && _cache[id].Has(SeriesFlags.WasTracked))];
    }

    private List<(int Id, bool Tracked)> ResendUnknown(UnknownSample[] unknown, SampleBatch second)
    {
        var resent = new List<(int, bool)>();
        foreach (var sample in unknown)
        {
            if (sample.Index >= _origins.Count)
            {
                continue;
            }

            var id = _origins.IdOf(sample.Index);
            _cache[id].Ref = 0;
            if (LabelsOf(id) is { } labels)
            {
                Add(second, labels, sample);
                DescribeAgain(labels, second);
                resent.Add((id, _origins.IsTracked(sample.Index)));
            }
        }

        return resent;
    }

    /// <summary>Report samples are sent again too; a marker is not: the storage forgot the series because its last sample is long past any look-back.</summary>
    private void ResendReport(UnknownSample[] unknown, SampleBatch second)
    {
        foreach (var sample in unknown)
        {
            if (sample.Index >= _origins.ReportStart)
            {
                _report.SetRef(sample.Index - _origins.ReportStart, 0);
                Add(second, _report.LabelsOf(sample.Index - _origins.ReportStart), sample);
                _report.Describe(sample.Index - _origins.ReportStart, second);
            }
        }
    }

    private static void Add(SampleBatch batch, Labels labels, in UnknownSample sample)
    {
        if (sample.TimestampMs == batch.TimestampMs)
        {
            batch.AddNew(labels, sample.Value);
        }
        else
        {
            batch.AddNew(labels, sample.Value, sample.TimestampMs);
        }
    }
}

internal readonly record struct RefusalCounts(int OutOfOrder, int Duplicates, int OutOfBounds)
{
    public static RefusalCounts Of(ReadOnlySpan<RefusedSample> refused)
    {
        var (order, duplicates, bounds) = (0, 0, 0);
        foreach (var sample in refused)
        {
            _ = sample.Reason switch
            {
                RefusalReason.OutOfOrder => order++,
                RefusalReason.DuplicateTimestamp => duplicates++,
                _ => bounds++,
            };
        }

        return new RefusalCounts(order, duplicates, bounds);
    }
}
