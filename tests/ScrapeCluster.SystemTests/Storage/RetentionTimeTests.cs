using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>Retention by age bounds the disk while the node runs.</summary>
public sealed class RetentionTimeTests
{
    [Fact]
    public async Task OldSamples_Go()
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        var ranMs = await RetainingNode.RunAsync(folder, data, pages: 300, _ => { }, "--storage.tsdb.retention.time=5s");

        // Kept: the 5 s, a quarter of it as slack, the tick, and the segments that a checkpoint leaves as they are. A machine under load cuts later, and runs longer.
        var times = (await Tools.DumpAsync(data)).Select(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..])).ToList();
        Assert.InRange(times.Max() - times.Min(), 4000, ranMs * 2 / 3);
    }
}
