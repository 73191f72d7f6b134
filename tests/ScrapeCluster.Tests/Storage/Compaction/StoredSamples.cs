using ScrapeCluster.Model;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>All that a data directory has, blocks and head, by series and time. A sample that stands twice must be the same both times.</summary>
internal static class StoredSamples
{
    public static SortedDictionary<Labels, SortedDictionary<long, ulong>> Of(LocalStorage storage)
    {
        var found = new SortedDictionary<Labels, SortedDictionary<long, ulong>>(LabelsOrder.Instance);
        foreach (var block in storage.Blocks.Blocks)
        {
            foreach (var series in ReadInput.All(new BlockInput(block)))
            {
                Assert.All(series.Samples, sample => Assert.InRange(sample.TimestampMs, block.MinMs, block.EndMs - 1));
                Add(found, series.Labels, series.Samples);
            }
        }

        foreach (var series in storage.Query.Select([]))
        {
            Add(found, series.Labels, series.TimestampsMs.Zip(series.Values.Select(BitConverter.DoubleToUInt64Bits)));
        }

        return found;
    }

    private static void Add(
        SortedDictionary<Labels, SortedDictionary<long, ulong>> found, Labels labels, IEnumerable<(long TimestampMs, ulong Bits)> samples)
    {
        if (!found.TryGetValue(labels, out var known))
        {
            found[labels] = known = [];
        }

        foreach (var (timestampMs, bits) in samples)
        {
            Assert.True(known.TryAdd(timestampMs, bits) || known[timestampMs] == bits, "two samples at one time");
        }
    }
}
