using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Storage.Queries;

public sealed class PendingReadsTests
{
    [Fact]
    public void HaveEnded_OnlyOlderReadersOfTheRangeCount()
    {
        var reads = new PendingReads();
        Assert.True(reads.HaveEnded(reads.Mark(), long.MaxValue));
        var early = reads.Begin(minMs: 100);
        var late = reads.Begin(minMs: 500);
        var mark = reads.Mark();
        var after = reads.Begin(minMs: 0);

        Assert.False(reads.HaveEnded(mark, 500));
        Assert.True(reads.HaveEnded(mark, 100));
        early.Dispose();
        Assert.True(reads.HaveEnded(mark, 500));
        Assert.False(reads.HaveEnded(mark, 501));
        late.Dispose();
        late.Dispose();
        Assert.True(reads.HaveEnded(mark, long.MaxValue));
        Assert.False(reads.HaveEnded(reads.Mark(), 1));
        after.Dispose();
    }
}
