using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>
/// Answers the questions of <see cref="HeadQuery"/> from one block. Ranges include both ends. Chunks that hold no floats are passed over and
/// counted (<see cref="BlockReader.UnsupportedChunks"/>), deleted samples are not seen.
/// </summary>
internal sealed class BlockQuery(BlockReader reader)
{
    private readonly List<long> _timestamps = [];
    private readonly List<double> _values = [];

    /// <summary>The series with at least one sample in the range, in the order of their labels, read one by one as they are asked for.</summary>
    public IEnumerable<SeriesSamples> Select(IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        foreach (var series in reader.Select(matchers))
        {
            reader.Read(series);
            ReadSamples(minMs, maxMs);
            if (_timestamps.Count > 0)
            {
                yield return new SeriesSamples(reader.ReadLabels(), [.. _timestamps], [.. _values]);
            }
        }
    }

    /// <summary>Label sets of the series with a chunk that touches the range, sorted.</summary>
    public IEnumerable<Labels> Series(IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        return Touching(matchers, minMs, maxMs).Select(_ => reader.ReadLabels());
    }

    /// <summary>Names of labels that the selected series have, sorted.</summary>
    public IEnumerable<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        if (matchers.Count == 0 && CoversAll(minMs, maxMs))
        {
            return reader.LabelNames();
        }

        var names = new HashSet<uint>();
        foreach (var _ in Touching(matchers, minMs, maxMs))
        {
            foreach (var (name, _) in reader.LabelSymbols)
            {
                names.Add(name);
            }
        }

        return names.Order().Select(reader.Symbol);
    }

    /// <summary>Values that a label has in the selected series, sorted.</summary>
    public IEnumerable<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        if (matchers.Count == 0 && CoversAll(minMs, maxMs))
        {
            return reader.LabelValues(name);
        }

        if (!reader.TryFindSymbol(name, out var symbol))
        {
            return [];
        }

        var values = new HashSet<uint>();
        foreach (var _ in Touching(matchers, minMs, maxMs))
        {
            foreach (var label in reader.LabelSymbols)
            {
                if (label.Name == symbol)
                {
                    values.Add(label.Value);
                    break;
                }
            }
        }

        return values.Order().Select(reader.Symbol);
    }

    private bool CoversAll(long minMs, long maxMs) => minMs <= reader.Block.MinMs && maxMs >= reader.Block.EndMs - 1;

    private IEnumerable<uint> Touching(IReadOnlyList<LabelMatcher> matchers, long minMs, long maxMs)
    {
        foreach (var series in reader.Select(matchers))
        {
            reader.Read(series);
            if (HasChunk(minMs, maxMs))
            {
                yield return series;
            }
        }
    }

    private bool HasChunk(long minMs, long maxMs)
    {
        foreach (var chunk in reader.Chunks)
        {
            if (chunk.MinMs <= maxMs && chunk.MaxMs >= minMs && !reader.IsDeleted(chunk.MinMs, chunk.MaxMs))
            {
                return true;
            }
        }

        return false;
    }

    private void ReadSamples(long minMs, long maxMs)
    {
        _timestamps.Clear();
        _values.Clear();
        foreach (var chunk in reader.Chunks)
        {
            if (chunk.MinMs <= maxMs && chunk.MaxMs >= minMs && !reader.IsDeleted(chunk.MinMs, chunk.MaxMs))
            {
                ReadSamples(chunk, minMs, maxMs);
            }
        }
    }

    private void ReadSamples(in ChunkEntry chunk, long minMs, long maxMs)
    {
        var data = reader.ReadChunk(chunk, out var encoding);
        if (encoding != ChunkFileFormat.XorEncoding)
        {
            reader.UnsupportedChunks++;
            return;
        }

        var samples = XorChunk.Read(data);
        var hasDeleted = reader.HasDeleted(chunk.MinMs, chunk.MaxMs);
        while (samples.MoveNext() && samples.TimestampMs <= maxMs)
        {
            var timeMs = samples.TimestampMs;
            // Chunks of a block do not overlap, unless somebody else wrote it: then the first sample of a moment counts.
            if (timeMs >= minMs && (_timestamps.Count == 0 || timeMs > _timestamps[^1]) && !(hasDeleted && reader.IsDeleted(timeMs, timeMs)))
            {
                _timestamps.Add(timeMs);
                _values.Add(samples.Value);
            }
        }

        if (samples.Failed)
        {
            throw reader.Damage(chunk, "the samples of a chunk cannot be decoded");
        }
    }
}
