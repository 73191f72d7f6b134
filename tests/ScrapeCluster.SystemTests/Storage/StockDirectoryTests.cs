using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>Directories that stock Prometheus left, used by the node and by stock Prometheus again: neither loses or damages what the other wrote.</summary>
public sealed class StockDirectoryTests
{
    [Theory]
    [InlineData("stock_wal_compressed")]
    [InlineData("stock_wal_uncompressed")]
    [InlineData("stock_crashed_with_blocks")]
    public async Task DirectoryOfStock_IsScrapedInto_AndReadByStockAgain(string sample)
    {
        Tools.Require("prometheus", "promtool");
        Assert.SkipUnless(Suites.TryFind(out var source, $"ondisk_samples/{sample}"), Suites.MissingReason);
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        var config = SharedTarget.Config(folder, exporter);
        var data = folder.CopyOf(source!, "data");
        var before = await ReadableDumpAsync(folder, source!);

        await SharedTarget.ScrapeAsync(config, data, exporter, pages: 10);

        var after = await Tools.DumpAsync(data);
        Assert.Subset(after, before);
        AssertWhole(after, exporter);
        await StockPrometheus.AssertOpensAsync(folder, data);
    }

    /// <summary>What promtool reads of a sample directory; a killed one has to be mended by stock Prometheus first.</summary>
    private static async Task<HashSet<string>> ReadableDumpAsync(TestFolder folder, string source)
    {
        var (exitCode, output, _) = await Tools.RunAsync("promtool", "tsdb", "dump", folder.CopyOf(source, "before"));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        Assert.True(exitCode == 0 || lines.Count > 0, $"promtool reads nothing of {source}");
        return lines;
    }

    private static void AssertWhole(HashSet<string> dump, ScriptedExporter exporter)
    {
        var stored = StoredScrapes.Of(dump, "job=\"shared\"");
        Assert.InRange(stored.AssertHasAll(exporter.AcknowledgedOn("/metrics"), SharedTarget.Fillers), 1, int.MaxValue);
        Assert.All(stored.Numbers, number => Assert.True(stored.IsWhole(number, SharedTarget.Fillers), $"page {number}"));
    }
}
