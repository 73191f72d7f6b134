using System.Buffers.Binary;
using System.Text.RegularExpressions;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>A flipped bit in the middle of the log costs the records it lies in, is reported by file and offset, and is mended for everybody who opens the directory.</summary>
public sealed class DamagedLogTests
{
    private const int Fillers = 200;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task FlippedBit_IsReportedCountedAndMended()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", n => StoredScrapes.PageOf(n, Fillers));
        var config = folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 100ms, scrape_timeout: 100ms}
            scrape_configs:
            - job_name: damaged
              static_configs: [targets: ['{{exporter.Address}}']]
            """);
        var settings = "--node.config=" + folder.File("node.conf", "scrapecluster.storage.wal.segment-size = 64KiB");
        var data = folder.Sub("data");
        await using (var node = NodeProcess.Start(config, data, null, settings))
        {
            await node.ReadyAsync();
            await Wait.Until("some segments", Deadline, () => Directory.GetFiles(Path.Combine(data, "wal")).Length >= 4, () => node.Output);
            Assert.Equal(0, await node.StopAsync());
        }

        var before = StoredScrapes.Of(await Tools.DumpAsync(data), "job=\"damaged\"");
        var segment = Directory.GetFiles(Path.Combine(data, "wal")).Order(StringComparer.Ordinal).ElementAt(1);
        var bytes = await File.ReadAllBytesAsync(segment);
        FlipWithinARecord(bytes);
        await File.WriteAllBytesAsync(segment, bytes);

        await using (var node = NodeProcess.Start(config, data, null, settings))
        {
            await node.ReadyAsync();
            Assert.Equal(1, await node.MetricAsync("prometheus_tsdb_wal_corruptions_total"));
            await Wait.Until("the log to name the place", Deadline, () => Regex.IsMatch(node.Output, $"{segment}.*offset [0-9]+"), () => node.Output);
            Assert.Equal(1, (await node.DataAsync("/api/v1/status/runtimeinfo")).GetProperty("corruptionCount").GetInt64());
            Assert.Equal(0, await node.StopAsync());
        }

        var after = StoredScrapes.Of(await Tools.DumpAsync(data), "job=\"damaged\"");
        var whole = before.Numbers.Where(number => before.IsWhole(number, Fillers)).ToList();
        var lost = whole.Where(number => !after.IsWhole(number, Fillers)).ToList();
        Assert.True(lost.Count <= 2 && whole.Count > 20, $"{lost.Count} of {whole.Count} pages are lost: {string.Join(", ", lost)}");
        await StockPrometheus.AssertOpensAsync(folder, data);
        await using var again = NodeProcess.Start(config, data, null, settings);
        await again.ReadyAsync();
        Assert.Equal(0, await again.MetricAsync("prometheus_tsdb_wal_corruptions_total"));
    }

    /// <summary>In the first record of a page in the middle, behind its header (type, 2 bytes of length, 4 of checksum), so that the checksum covers it.</summary>
    private static void FlipWithinARecord(byte[] segment)
    {
        var page = segment.Length / 2 / WalFormat.PageSize * WalFormat.PageSize;
        var length = BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(page + 1));
        segment[page + 7 + (length / 2)] ^= 0x10;
    }
}
