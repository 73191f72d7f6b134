using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>All that an input gives, checked against the contract on the way: order, ends of chunks, no overlap.</summary>
internal static class ReadInput
{
    public sealed record Series(Labels Labels, IReadOnlyList<BlockChunk> Chunks, IReadOnlyList<(long TimestampMs, ulong Bits)> Samples);

    public static IReadOnlyList<Series> All(IBlockInput input, bool mayOverlap = false)
    {
        var found = new List<Series>();
        using var source = input.Open();
        while (source.MoveNext())
        {
            Assert.True(found.Count == 0 || LabelsOrder.Instance.Compare(found[^1].Labels, source.Labels) < 0, "series are not in order");
            BlockChunk[] chunks = [.. source.Chunks.Select(chunk => chunk with { Data = chunk.Data.ToArray() })];
            Assert.All(chunks.Zip(chunks.Skip(1)), pair => Assert.True(mayOverlap || pair.First.MaxMs < pair.Second.MinMs, "chunks overlap"));
            found.Add(new Series(source.Labels, chunks, [.. chunks.Where(chunk => chunk.Encoding == ChunkFileFormat.XorEncoding).SelectMany(Samples)]));
        }

        Assert.False(source.MoveNext());
        return found;
    }

    public static List<(long TimestampMs, ulong Bits)> Samples(BlockChunk chunk)
    {
        var samples = new List<(long TimestampMs, ulong Bits)>();
        var reader = XorChunk.Read(chunk.Data.Span);
        while (reader.MoveNext())
        {
            samples.Add((reader.TimestampMs, BitConverter.DoubleToUInt64Bits(reader.Value)));
        }

        Assert.False(reader.Failed);
        Assert.Equal((chunk.MinMs, chunk.MaxMs), (samples[0].TimestampMs, samples[^1].TimestampMs));
        return samples;
    }
}
