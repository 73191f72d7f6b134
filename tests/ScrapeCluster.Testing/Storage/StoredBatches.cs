using System.Globalization;
using ScrapeCluster.Model;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Testing.Storage;

/// <summary>What a data directory has of <see cref="NumberedBatches"/>, block by block and head, read past the query that would merge what stands twice.</summary>
public sealed class StoredBatches
{
    private readonly HashSet<(long Batch, long Series)> _samples = [];
    private readonly Dictionary<long, int> _counts = [];
    private readonly LocalStorage _storage;
    private string? _fault;

    private StoredBatches(LocalStorage storage)
    {
        _storage = storage;
    }

    public int Samples => _samples.Count;

    /// <summary>
    /// Null when every acknowledged batch is there whole, as far back as blocks are kept, when of the uncertain ones each is there whole or not at all, and
    /// when there is nothing else and nothing twice. Only right after opening: later the head may have for a while what is in a block already.
    /// </summary>
    /// <param name="retention">How much is kept at least, back from the newest sample.</param>
    /// <param name="end">All below was acknowledged.</param>
    /// <param name="uncertain">But for these, whose answer nobody saw.</param>
    public static string? Check(LocalStorage storage, TimeSpan retention, long end, IReadOnlySet<long> uncertain, out int samples)
    {
        var stored = new StoredBatches(storage);
        stored.ReadBlocks();
        foreach (var series in new HeadQuery(storage.Head).Select([]))
        {
            stored.Add("the head", series.Labels, series.TimestampsMs, series.Values);
        }

        samples = stored.Samples;
        return stored._fault ?? stored.Missing(retention, end, uncertain) ?? stored.Unknown(end);
    }

    private void ReadBlocks()
    {
        foreach (var (folder, reason) in _storage.Blocks.Bad)
        {
            _fault ??= $"{folder}: {reason}";
        }

        List<long> times = [];
        List<double> values = [];
        foreach (var block in _storage.Blocks.Blocks)
        {
            using var source = new BlockInput(block).Open();
            while (source.MoveNext())
            {
                times.Clear();
                values.Clear();
                foreach (var chunk in source.Chunks)
                {
                    var reader = XorChunk.Read(chunk.Data.Span);
                    while (reader.MoveNext())
                    {
                        times.Add(reader.TimestampMs);
                        values.Add(reader.Value);
                    }
                }

                Add(block.ToString(), source.Labels, times, values);
            }
        }
    }

    private void Add(string place, Labels labels, IReadOnlyList<long> times, IReadOnlyList<double> values)
    {
        var series = NumberedBatches.SeriesOf(labels);
        for (var i = 0; i < times.Count; i++)
        {
            if (!NumberedBatches.TryNumber(times[i], out var batch) || NumberedBatches.BitsIn(batch, series) != BitConverter.DoubleToUInt64Bits(values[i]))
            {
                _fault ??= Say($"{place} has {labels} {times[i]} {values[i]}, which nobody wrote");
            }
            else if (!_samples.Add((batch, series)))
            {
                _fault ??= Say($"{place} has batch {batch} of {labels}, and so has another place");
            }
            else
            {
                _counts[batch] = _counts.GetValueOrDefault(batch) + 1;
            }
        }
    }

    private string? Missing(TimeSpan retention, long end, IReadOnlySet<long> uncertain)
    {
        var newestMs = _storage.Blocks.Blocks.Select(block => block.EndMs).Append(_storage.Head.MaxTimeMs).Max();
        var keptMs = newestMs - (long)retention.TotalMilliseconds;
        for (var batch = 0L; batch < end; batch++)
        {
            var count = _counts.GetValueOrDefault(batch);
            var mayBeMissing = uncertain.Contains(batch) || NumberedBatches.TimeMs(batch) < keptMs;
            if (count != NumberedBatches.CountOf(batch) && (count > 0 || !mayBeMissing))
            {
                return Say($"of batch {batch} there are {count} of {NumberedBatches.CountOf(batch)} samples");
            }
        }

        return null;
    }

    private string? Unknown(long end)
    {
        var last = _counts.Keys.DefaultIfEmpty().Max();
        return last >= end && last > 0 ? Say($"there is batch {last}, though {end} is the next") : null;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
