using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Faults;

/// <summary>
/// The wall clock of a running node is set back by an hour and put right again. Scraping goes on at its interval; what is older than stored samples is refused,
/// as by Prometheus; nothing stored is touched, and once the clock is right samples are stored again.
/// </summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task SetBackAndPutRight_ScrapesOn_AndKeepsWhatWasStored()
    {
        Tools.Require("promtool", "faketime");
        var library = Directory.EnumerateFiles("/usr/lib", "libfaketime.so.1", SearchOption.AllDirectories).FirstOrDefault();
        Assert.SkipWhen(library is null, "libfaketime.so.1 is not below /usr/lib");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", n => $"page_number {n}\n");
        var config = folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 500ms, scrape_timeout: 500ms}
            scrape_configs:
            - job_name: clock
              static_configs: [targets: ['{{exporter.Address}}']]
            """);
        var offset = folder.File("offset", "+0");
        var environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library!,
            ["FAKETIME_TIMESTAMP_FILE"] = offset,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        };
        await using var node = NodeProcess.StartWith(environment, config, folder.Sub("data"));
        await node.ReadyAsync(Deadline);
        var served = await PagesAsync(exporter, 0, 8);

        SetClock(offset, "-3600");
        served = await PagesAsync(exporter, served, 8);
        await Wait.Until("a sample to be refused while the clock is behind", Deadline, async () => await node.MetricAsync("prometheus_target_scrapes_sample_out_of_order_total") > 0);
        await Wait.Until("the log to name the step", Deadline, () => node.Output.Contains("set back by 01:00:0", StringComparison.Ordinal) || node.Output.Contains("set back by 00:59:5", StringComparison.Ordinal));
        served = exporter.ServedOn("/metrics").Count;
        SetClock(offset, "+0");
        var rightFrom = served + 1;
        served = await PagesAsync(exporter, served, 8);
        Assert.Equal(0, await node.StopAsync());

        // Neither storm nor silence; a machine under load may be late.
        var times = exporter.ServedOn("/metrics").Select(page => page.RequestedAtMs).ToList();
        Assert.All(times.Skip(1).Zip(times), pair => Assert.InRange(pair.First - pair.Second, 0, 10_000));
        Assert.InRange(times.Count, 24, ((times[^1] - times[0]) / 500) + 4);
        var stored = StoredScrapes.Of(await Tools.DumpAsync(folder.Sub("data")), "job=\"clock\"");
        var acknowledged = exporter.AcknowledgedOn("/metrics");
        Assert.InRange(stored.AssertHasAll([.. acknowledged.Where(page => page.Number < 7)], 0), 1, 7);
        Assert.InRange(stored.AssertHasAll([.. acknowledged.Where(page => page.Number >= rightFrom)], 0), 1, served);
    }

    private static async Task<int> PagesAsync(ScriptedExporter exporter, int from, int count)
    {
        await Wait.Until($"{count} pages after page {from}", Deadline, () => exporter.ServedOn("/metrics").Count >= from + count);
        return exporter.ServedOn("/metrics").Count;
    }

    /// <summary>Renamed into place: the node must not read half a number.</summary>
    private static void SetClock(string file, string offset)
    {
        File.WriteAllText(file + ".new", offset);
        File.Move(file + ".new", file, overwrite: true);
    }
}
