using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Compaction;

namespace ScrapeCluster.Tests.Storage.Compaction;

public sealed class RetentionRuleTests
{
    private readonly PlannedBlocks _blocks = new();

    [Fact]
    public void Surplus_WithoutLimits_KeepsAll()
    {
        Assert.Empty(RetentionRule.Surplus(Sized(_blocks.Of(0, 2), _blocks.Of(2, 4)), TimeSpan.Zero, 0, long.MaxValue));
        Assert.Empty(RetentionRule.Surplus([], TimeSpan.FromHours(1), 1, 100));
    }

    [Theory]
    [InlineData(7, 0)]
    [InlineData(6, 0)] // Exactly as old as may be.
    [InlineData(5.9, 1)]
    [InlineData(2, 2)]
    [InlineData(1, 3)]
    public void Surplus_ByAge_MeasuresFromTheNewestEnd(double retentionHours, int gone)
    {
        BlockMeta[] blocks = [_blocks.Of(6, 8), _blocks.Of(0, 2), _blocks.Of(2, 4), _blocks.Of(4, 6)];
        var surplus = RetentionRule.Surplus(Sized(blocks), TimeSpan.FromHours(retentionHours), 0, 0);
        Assert.Equal(blocks.OrderBy(block => block.EndMs).Take(gone).Select(block => (block.Id, BlockSurplus.TooOld)), surplus);
    }

    [Theory]
    [InlineData(40, 0, 0)] // Blocks of 10 bytes.
    [InlineData(39, 0, 1)]
    [InlineData(45, 5, 0)] // Log and chunk files count.
    [InlineData(45, 6, 1)]
    [InlineData(45, 26, 3)]
    [InlineData(45, 46, 4)] // As in Prometheus, the newest goes too.
    public void Surplus_BySize_GivesUpTheOldestUntilTheRestFits(long limit, long head, int gone)
    {
        BlockMeta[] blocks = [_blocks.Of(6, 8), _blocks.Of(0, 2), _blocks.Of(2, 4), _blocks.Of(4, 6)];
        var surplus = RetentionRule.Surplus(Sized(blocks), TimeSpan.Zero, limit, head);
        Assert.Equal(blocks.OrderBy(block => block.EndMs).Take(gone).Select(block => (block.Id, BlockSurplus.TooMuch)), surplus);
    }

    [Fact]
    public void Surplus_DeletedBlocks_GoFirstAndDoNotCount()
    {
        var (large, deleted, old) = (_blocks.Of(0, 6), _blocks.Of(6, 8, deletable: true), _blocks.Of(-4, -2));
        var surplus = RetentionRule.Surplus(Sized(large, old, deleted), TimeSpan.FromHours(7), limitBytes: 19, headBytes: 9);
        Assert.Equal([(deleted.Id, BlockSurplus.Deleted), (old.Id, BlockSurplus.TooOld)], surplus);
    }

    private static IReadOnlyList<SizedBlock> Sized(params BlockMeta[] blocks) => [.. blocks.Select(block => new SizedBlock(block, 10))];
}
