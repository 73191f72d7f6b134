using ScrapeCluster.Model;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Tests.Node.Reads;

/// <summary>Samples are written <c>time=value</c>, in seconds; <c>x</c> is a staleness marker. A part is <c>replica: samples</c>, chunks apart by <c>/</c>.</summary>
public sealed class SlotMergeTests
{
    [Theory]
    [InlineData("one part is itself", "10=1 20=2", ": 10=1 20=2")]
    [InlineData("after a move the parts follow each other", "10=1 20=2 30=3 40=4", ": 30=3 40=4", ": 10=1 20=2")]
    [InlineData("back and forth", "10=1 20=2 30=3 40=4", ": 10=1 / 30=3 40=4", ": 20=2")]
    [InlineData("a double of a take-over counts once", "10=1 20=2 30=3", ": 10=1 20=2", ": 20=2 30=3")]
    [InlineData("both of two at different times stay", "10=1 20=2 21=2 30=3", ": 10=1 20=2", ": 21=2 30=3")]
    [InlineData("of two at one time a marker counts", "10=1 20=x", ": 10=1 20=2", ": 20=x")]
    [InlineData("of two at one time the larger bits", "10=2", ": 10=1", ": 10=2")]
    [InlineData("the lowest slot speaks", "10=1 20=2 30=3", "0: 10=1 20=2 30=3", "1: 15=7 25=7")]
    [InlineData("whoever comes first", "10=1 20=2 30=3", "1: 15=7 25=7", "0: 10=1 20=2 30=3")]
    [InlineData("also where the range begins with the other", "10=1 20=2 30=3", "0: 10=1 20=2 30=3", "1: 5=7 15=7 25=7")]
    [InlineData("a missed scrape is no hole, two are", "10=1 30=3 50=7 55=5 65=6", "0: 10=1 30=3 55=5 65=6", "1: 10=7 20=7 30=7 40=7 50=7 60=7")]
    [InlineData("the other slot goes on where the lowest ends", "10=1 20=2 40=7 50=7", "0: 10=1 20=2", "1: 10=7 20=7 30=7 40=7 50=7")]
    [InlineData("a slot that ended gives way at once", "10=1 25=7 35=7 40=4 50=5", "0: 10=1 20=x 40=4 50=5", "1: 15=7 25=7 35=7")]
    [InlineData("a series ends when the last slot does", "10=1 20=2 35=x", "0: 10=1 20=2 30=x", "1: 15=7 25=7 35=x")]
    [InlineData("the end is told once", "10=1 20=x", "0: 10=1 20=x", "1: 20=x 30=x")]
    [InlineData("a slot of two nodes is one slot", "10=1 20=2 30=3 40=4", "0: 10=1 20=2", "1: 15=7 25=7 35=7", "0: 30=3 40=4")]
    public void Merge_OneSeries(string situation, string expected, params string[] parts)
    {
        var merged = SlotMerge.Merge([.. parts.Select(PartOf)], TimeSpan.FromSeconds(10));

        Assert.True(expected == TextOf(merged), $"{situation}: {TextOf(merged)}");
    }

    [Fact]
    public void Merge_PartsThatFollowEachOther_KeepTheirChunks()
    {
        var (first, second) = (PartOf(": 10=1 / 20=2"), PartOf(": 30=3"));

        Assert.Equal([.. first.Chunks, .. second.Chunks], SlotMerge.Merge([second, first], TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Merge_ChunksWithoutFloats_ArePassedOn()
    {
        var histogram = new BlockChunk(15_000, 25_000, 2, new byte[] { 0, 1, 2 });
        var part = PartOf(": 10=1 20=2");

        var merged = SlotMerge.Merge([part with { Chunks = [.. part.Chunks, histogram] }, PartOf(": 20=2 30=3")], TimeSpan.FromSeconds(10));

        Assert.Equal("10=1 20=2 30=3", TextOf(merged));
        Assert.Equal(histogram, merged[^1]);
    }

    private static FoundSeries PartOf(string text)
    {
        var (replica, samples) = (text[..text.IndexOf(':', StringComparison.Ordinal)], text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        return new FoundSeries(Labels.Of(("a", "b")), replica, [.. samples.Split('/').SelectMany(ChunksOf)]);
    }

    private static IReadOnlyList<BlockChunk> ChunksOf(string text)
    {
        var samples = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(sample => sample.Split('=')).ToList();
        return FloatChunks.Write(
            [.. samples.Select(sample => long.Parse(sample[0], null) * 1000)],
            [.. samples.Select(sample => sample[1] == "x" ? SpecialValues.StaleNaN : double.Parse(sample[1], null))]);
    }

    private static string TextOf(IReadOnlyList<BlockChunk> chunks)
    {
        List<long> timestamps = [];
        List<double> values = [];
        foreach (var chunk in chunks)
        {
            FloatChunks.TryRead(chunk, timestamps, values);
        }

        return string.Join(' ', timestamps.Zip(values, (time, value) => $"{time / 1000}={(SpecialValues.IsStaleNaN(value) ? "x" : value.ToString(null as IFormatProvider))}"));
    }
}
