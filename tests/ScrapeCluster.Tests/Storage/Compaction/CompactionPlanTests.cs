using System.Globalization;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Compaction;

namespace ScrapeCluster.Tests.Storage.Compaction;

public sealed class CompactionPlanTests
{
    private static readonly IReadOnlyList<long> Ranges = BlockRanges.For(TimeSpan.FromDays(15));

    private readonly PlannedBlocks _blocks = new();

    [Theory]
    [InlineData(15 * 24, "2 6 18")]
    [InlineData(0, "2 6 18 54 162 486")]
    [InlineData(400 * 24, "2 6 18 54 162 486")]
    [InlineData(10 * 24, "2 6 18")]
    [InlineData(7 * 24, "2 6")]
    [InlineData(1, "2")]
    public void Ranges_OfARetention_ReachATenthOfItOr31Days(int retentionHours, string hours)
    {
        var ranges = BlockRanges.For(TimeSpan.FromHours(retentionHours));
        Assert.Equal(hours, string.Join(" ", ranges.Select(range => range / PlannedBlocks.HourMs)));
    }

    /// <summary>Blocks as "from-to" in hours, * = its merge has failed.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("0-2", "")]
    [InlineData("0-2 2-4 4-6", "")] // The newest might still be copied away.
    [InlineData("0-2 2-4 4-6 6-8", "0-2 2-4 4-6")]
    [InlineData("6-8 4-6 0-2 2-4", "0-2 2-4 4-6")]
    [InlineData("0.5-2 2-4 4-6 6-8", "")] // Not all of the range, and no younger block of those that are looked at shows that nothing more will come.
    [InlineData("0.5-2 2-4 4-6 6-8 8-10", "0.5-2 2-4 4-6")]
    [InlineData("0-2 4-6 6-8", "0-2 4-6")] // A gap in a range that is full at both ends.
    [InlineData("0-2 2-4 8-10 10-12", "0-2 2-4")]
    [InlineData("2-4 4-6 6-8 8-10", "2-4 4-6")] // The first range is not full, but a younger block ends it.
    [InlineData("2-4 4-6 6-8", "")]
    [InlineData("0-2 6-8 12-14 14-16", "")] // Alone in their ranges of 6 hours; that of 18 may still grow.
    [InlineData("0-2 6-8 12-14 18-20 20-22", "0-2 6-8 12-14")]
    [InlineData("4-8 8-10 10-12 12-14", "")] // 4-8 lies in no range of 6 hours; 8-12 is the end of one, and nothing younger is looked at.
    [InlineData("0-6 6-12 12-18 18-20", "0-6 6-12 12-18")]
    [InlineData("0-6 6-12 12-14 14-16 16-18 18-20", "12-14 14-16 16-18")] // Short ranges first.
    [InlineData("0-2* 2-4 4-6 6-8", "")]
    [InlineData("0-2* 2-4 4-6 6-8 8-10 10-12 12-14", "6-8 8-10 10-12")]
    [InlineData("0-2 1-3 3-5", "0-2 1-3")]
    [InlineData("0-2 2-4 3-5", "2-4 3-5")] // Overlapping ones also with the newest.
    [InlineData("0-20 1-3 4-6 7-9 20-22", "0-20 1-3 4-6 7-9")]
    [InlineData("0-2 1-3 5-7 6-8", "0-2 1-3")]
    [InlineData("0-2* 1-3 4-6 6-8", "")] // A failed merge is not tried again and again.
    public void Next_Blocks_AsPrometheusPlans(string blocks, string expected)
    {
        Assert.Equal(expected, PlannedBlocks.Text(CompactionPlan.Next(Parse(blocks), Ranges)));
    }

    [Theory]
    [InlineData(6, 5, false)]
    [InlineData(6, 6, true)]
    [InlineData(2, 6, false)] // Small ones are soon merged with others.
    [InlineData(2, 99, false)]
    [InlineData(2, 100, true)] // Nothing is left of it.
    public void Next_BlockWithDeletions_IsWrittenAgainFromAShareOn(int hours, int deletions, bool isDue)
    {
        BlockMeta[] blocks = [_blocks.Of(0, hours, deletions: deletions), _blocks.Of(18, 20, deletions: 100)];
        Assert.Equal(isDue ? blocks[..1] : [], CompactionPlan.Next(blocks, Ranges));
    }

    private IEnumerable<BlockMeta> Parse(string blocks)
    {
        return blocks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(block =>
        {
            var ends = block.TrimEnd('*').Split('-');
            return _blocks.Of(
                double.Parse(ends[0], CultureInfo.InvariantCulture), double.Parse(ends[1], CultureInfo.InvariantCulture), failed: block.EndsWith('*'));
        });
    }
}
