using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>The walk over a page. The first branch is the warm path: it allocates nothing.</summary>
internal sealed partial class ScrapeAppender
{
    private string? ReadEntries<TParser>(ref TParser parser, SampleBatch batch, long latestMs, ref PageCounts counts)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var limit = _rules.SampleLimit > 0 ? _rules.SampleLimit : long.MaxValue;
        var warmLimit = limit;
        while (true)
        {
            var expected = _cache.Expected;
            if (!expected.IsEmpty && parser.TryMatchSeries(expected))
            {
                counts.Scraped++;
                if (!parser.HasTimestamp && counts.Counted < warmLimit && _cache.TrySeeExpected(out var seriesRef, out var id))
                {
                    counts.Counted++;
                    counts.PostRelabelling++;
                    batch.Add(seriesRef, parser.Value);
                    _origins.Add(id);
                }
                else
                {
                    AppendKnown(_cache.ExpectedId, ref parser, batch, latestMs, ref counts);
                }
            }
            else if (!parser.MoveNext())
            {
                break;
            }
            else if (parser.Entry == ExpositionEntry.Series)
            {
                counts.Scraped++;
                if (AppendFound(ref parser, batch, latestMs, ref counts) is { } fault)
                {
                    return fault;
                }
            }
            else if (parser.Entry is ExpositionEntry.Type or ExpositionEntry.Help or ExpositionEntry.Unit)
            {
                _families.See(ref parser);

                // The series of a family that says something new leave the warm path, which has nothing to do with metadata.
                warmLimit = _describes && _families.IsCurrentChanged ? 0 : limit;
            }
        }

        return parser.Fault?.ToString() ?? (counts.LimitExceeded ? SampleLimitFault : null);
    }

    /// <summary>A line that did not come as expected: moved, or new.</summary>
    private string? AppendFound<TParser>(ref TParser parser, SampleBatch batch, long latestMs, ref PageCounts counts)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var text = parser.SeriesBytes;
        var id = _cache.Find(text);
        if (id >= 0)
        {
            AppendKnown(id, ref parser, batch, latestMs, ref counts);
            return null;
        }

        if (text.Length > SeriesCache.LongestTextBytes)
        {
            return $"a series of {text.Length} bytes of text: at most {SeriesCache.LongestTextBytes} are read";
        }

        _gate ??= new SeriesGate(_rules);
        parser.ReadLabels(_gate.Exposed);
        var labels = _gate.Pass(_targetLabels, out var fault);
        if (fault is not null)
        {
            counts.LabelLimitExceeded = fault.IsLabelLimit;
            return fault.Message;
        }

        if (labels is null)
        {
            _cache.Add(text, SeriesFlags.Dropped);
        }
        else if (Admit(ref parser, latestMs, ref counts))
        {
            AppendNew(_cache.Add(text, TypeFlags(parser.CurrentType)), labels, ref parser, batch, ref counts);
        }

        return null;
    }

    private void AppendKnown<TParser>(int id, ref TParser parser, SampleBatch batch, long latestMs, ref PageCounts counts)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var again = _cache.See(id);
        if (_cache[id].Has(SeriesFlags.Dropped))
        {
            return;
        }

        if (again && !IsExplicit(ref parser))
        {
            counts.PostRelabelling++;
            counts.Duplicates++;
        }
        else if (Admit(ref parser, latestMs, ref counts))
        {
            if (_cache[id].Ref == 0)
            {
                // Sent before, but no answer gave it a reference. Its labels passed the gate then.
                AppendNew(id, LabelsOf(id)!, ref parser, batch, ref counts);
            }
            else
            {
                AppendSample(id, _cache[id].Ref, ref parser, batch);
                CountAdded(id, ref counts);
                if (_describes && _families.IsCurrentChanged)
                {
                    DescribeKnown(id, batch);
                }
            }
        }
    }

    /// <summary>Counts the sample; false when it is one too many or too far ahead of the clock.</summary>
    private bool Admit<TParser>(ref TParser parser, long latestMs, ref PageCounts counts)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        counts.PostRelabelling++;
        counts.Counted++;
        if (_rules.SampleLimit > 0 && counts.Counted > _rules.SampleLimit)
        {
            // Read on to the end for the count; the scrape fails afterwards.
            counts.LimitExceeded = true;
            return false;
        }

        if (IsExplicit(ref parser) && parser.TimestampMs > latestMs)
        {
            counts.OutOfBounds++;
            return false;
        }

        return true;
    }

    private void AppendNew<TParser>(int id, Labels labels, ref TParser parser, SampleBatch batch, ref PageCounts counts)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        if (IsExplicit(ref parser))
        {
            batch.AddNew(labels, parser.Value, parser.TimestampMs);
        }
        else
        {
            batch.AddNew(labels, parser.Value);
        }

        Remember(id, ref parser);
        CountAdded(id, ref counts);
        if (_describes)
        {
            Describe(labels, _families.Current, batch);
        }
    }

    private void AppendSample<TParser>(int id, ulong seriesRef, ref TParser parser, SampleBatch batch)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        if (IsExplicit(ref parser))
        {
            batch.Add(seriesRef, parser.Value, parser.TimestampMs);
        }
        else
        {
            batch.Add(seriesRef, parser.Value);
        }

        Remember(id, ref parser);
    }

    private void Remember<TParser>(int id, ref TParser parser)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var tracked = !IsExplicit(ref parser) || _rules.TrackTimestampsStaleness;
        _origins.Add(id, tracked);
        if (tracked)
        {
            _cache.Track(id);
        }
    }

    private void CountAdded(int id, ref PageCounts counts)
    {
        ref var entry = ref _cache[id];
        if (!entry.Has(SeriesFlags.Known))
        {
            entry.Flags |= SeriesFlags.Known;
            counts.SeriesAdded++;
        }
    }

    private bool IsExplicit<TParser>(ref TParser parser)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        return parser.HasTimestamp && _rules.HonorTimestamps;
    }

    private static SeriesFlags TypeFlags(MetricType type) => type switch
    {
        MetricType.Histogram => SeriesFlags.Histogram,
        MetricType.Summary => SeriesFlags.Summary,
        _ => SeriesFlags.None,
    };
}
