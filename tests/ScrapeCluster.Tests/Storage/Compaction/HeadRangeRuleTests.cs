using ScrapeCluster.Storage.Compaction;

namespace ScrapeCluster.Tests.Storage.Compaction;

public sealed class HeadRangeRuleTests
{
    private const long HourMs = PlannedBlocks.HourMs;

    [Fact]
    public void Due_EmptyHead_IsNot() => Assert.Null(HeadRangeRule.Due(long.MaxValue, long.MinValue));

    [Theory]
    [InlineData(0, 3 * HourMs, false)]
    [InlineData(0, (3 * HourMs) + 1, true)]
    [InlineData(HourMs, 4 * HourMs, false)]
    [InlineData(HourMs, (4 * HourMs) + 1, true)]
    [InlineData(long.MinValue, long.MaxValue, true)]
    public void Due_SpanAboveOneAndAHalfRanges_Is(long minMs, long maxMs, bool isDue)
    {
        Assert.Equal(isDue, HeadRangeRule.Due(minMs, maxMs) is not null);
    }

    [Theory]
    [InlineData(0, 2 * HourMs)]
    [InlineData(1, 2 * HourMs)]
    [InlineData((2 * HourMs) - 1, 2 * HourMs)]
    [InlineData(2 * HourMs, 4 * HourMs)]
    [InlineData(5 * HourMs, 6 * HourMs)]
    public void Due_Range_EndsAtTheNextBorder(long minMs, long endMs)
    {
        Assert.Equal(new TimeRange(minMs, endMs), HeadRangeRule.Due(minMs, minMs + (50 * HourMs)));
    }

    /// <summary>Samples arrive with gaps of any length; the ranges that become due join without a gap, and no sample of them can still come.</summary>
    [Fact]
    public void Due_RangeAfterRange_CoversAllSamplesOnce()
    {
        var random = new Random(3);
        var samples = new List<long>();
        var written = new HashSet<long>();
        var maxMs = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            maxMs += random.Next(200) == 0 ? random.NextInt64(40 * HourMs) : random.Next(120_000);
            samples.Add(maxMs);
            while (HeadRangeRule.Due(samples[0], maxMs) is { } range)
            {
                Assert.True(range.EndMs <= maxMs - HourMs, "what is older than an hour is taken no more");
                Assert.True(range.EndMs % (2 * HourMs) == 0 && range.EndMs - range.MinMs is > 0 and <= 2 * HourMs);
                Assert.All(samples.TakeWhile(sample => sample < range.EndMs), sample => Assert.True(sample >= range.MinMs && written.Add(sample)));
                samples.RemoveAll(sample => sample < range.EndMs);
            }
        }
    }
}
