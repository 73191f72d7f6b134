using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>Retention by size bounds the disk while the node runs.</summary>
public sealed class RetentionSizeTests
{
    [Fact]
    public async Task Directory_ComesBackBelowIt()
    {
        Tools.Require("promtool", "prometheus");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        const long Limit = 3 << 19;
        var sizes = new List<long>();
        await RetainingNode.RunAsync(folder, data, pages: 300, sizes.Add, $"--storage.tsdb.retention.size={Limit}B");

        // Above it while a cut is due and while a checkpoint stands beside what it replaces: what comes in meanwhile depends on the machine, so that the peak is only bounded
        // well below what all pages together would take.
        Assert.InRange(sizes.Max(), Limit / 2, Limit * 6);
        Assert.True(CutsSeen(sizes, Limit) > 1, $"sizes were {string.Join(", ", sizes)}");
        Assert.NotEmpty(await Tools.DumpAsync(data));
        await StockPrometheus.AssertOpensAsync(folder, data);
    }

    /// <summary>How often the directory was seen above the limit and, later, below.</summary>
    private static int CutsSeen(List<long> sizes, long limit)
    {
        var isAbove = sizes.Select(size => size > limit).ToList();
        return isAbove.Zip(isAbove.Skip(1)).Count(pair => pair.First && !pair.Second);
    }
}
