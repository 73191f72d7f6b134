using System.Net;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Reload;

/// <summary>Reload by SIGHUP and by POST: a bad file changes nothing, unchanged jobs are not touched, removed targets end with markers.</summary>
public sealed class ReloadTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public Task HangUp_AddsJob_AndDoesNotDisturbTheOther() => Machine.JudgeAsync(AddJobAsync);

    private static async Task AddJobAsync()
    {
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        await using var receiver = new RecordingReceiver();
        exporter.OnPath("/a", n => $"page_number {n}\n");
        exporter.OnPath("/b", n => $"page_number {n}\n");
        var config = folder.File("prometheus.yml", Config(exporter, receiver, "a"));
        await using var node = NodeProcess.Start(config, folder.Sub("data"));
        await node.ReadyAsync();
        await Wait.Until("job a to be scraped", Deadline, () => exporter.ServedOn("/a").Count > 5);

        File.WriteAllText(config, Config(exporter, receiver, "a", "b"));
        node.HangUp();
        await Wait.Until("job b to be scraped", Deadline, () => exporter.ServedOn("/b").Count > 5, () => node.Output);
        await AssertUndisturbedAsync(exporter, receiver, "job");
        Assert.Equal(1, await node.MetricAsync("prometheus_config_last_reload_successful"));
    }

    [Fact]
    public Task BadFile_ChangesNothing_AndIsShown() => Machine.JudgeAsync(SpoilFileAsync);

    private static async Task SpoilFileAsync()
    {
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        await using var receiver = new RecordingReceiver();
        exporter.OnPath("/a", n => $"page_number {n}\n");
        var config = folder.File("prometheus.yml", Config(exporter, receiver, "a"));
        await using var node = NodeProcess.Start(config, folder.Sub("data"), null, "--web.enable-lifecycle");
        await node.ReadyAsync();
        var before = (await node.DataAsync("/api/v1/status/config")).GetProperty("yaml").GetString();

        File.WriteAllText(config, "scrape_configs: [{job_name: ''}]\nnonsense: 1\n");
        using (var answer = await node.PostAsync("/-/reload"))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            Assert.Contains("nonsense", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(0, await node.MetricAsync("prometheus_config_last_reload_successful"));
        Assert.Equal(before, (await node.DataAsync("/api/v1/status/config")).GetProperty("yaml").GetString());
        var count = exporter.ServedOn("/a").Count;
        await Wait.Until("job a to be scraped on", Deadline, () => exporter.ServedOn("/a").Count > count + 5);
        await AssertUndisturbedAsync(exporter, receiver, "job");

        File.WriteAllText(config, Config(exporter, receiver, "a"));
        using (var answer = await node.PostAsync("/-/reload"))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(1, await node.MetricAsync("prometheus_config_last_reload_successful"));
    }

    [Fact]
    public async Task LifecyclePaths_AreOffByDefault()
    {
        using var folder = new TestFolder();
        await using var node = NodeProcess.Start(folder.File("prometheus.yml", ""), folder.Sub("data"));
        await node.ReadyAsync();
        using var reload = await node.PostAsync("/-/reload");
        Assert.Equal(HttpStatusCode.Forbidden, reload.StatusCode);
        using var quit = await node.PostAsync("/-/quit");
        Assert.Equal(HttpStatusCode.Forbidden, quit.StatusCode);
        using var get = await node.GetAsync("/-/reload");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public Task FileDiscovery_TargetsComeAndGo_WithMarkers() => Machine.JudgeAsync(DiscoverAsync);

    private static async Task DiscoverAsync()
    {
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        await using var receiver = new RecordingReceiver();
        exporter.OnPath("/a", n => $"page_number {n}\n");
        exporter.OnPath("/b", n => $"page_number {n}\n");
        var targets = folder.File("targets.json", Targets(exporter, "a", "b"));
        var config = folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 500ms, scrape_timeout: 500ms}
            remote_write:
            - url: {{receiver.Url("/write")}}
              queue_config: {batch_send_deadline: 500ms}
            scrape_configs:
            - job_name: files
              file_sd_configs: [files: ['{{targets}}']]
            """);
        await using var node = NodeProcess.Start(config, folder.Sub("data"));
        await node.ReadyAsync();
        await Wait.Until("both targets to be scraped", Deadline, () => exporter.ServedOn("/a").Count > 3 && exporter.ServedOn("/b").Count > 3, () => node.Output);

        // A broken file keeps the targets; a good one without b ends b with staleness markers, and a goes on undisturbed.
        File.WriteAllText(targets, "[{\"targets\": [");
        await Wait.Until("the broken file to be counted", Deadline, async () => await node.MetricAsync("prometheus_sd_file_read_errors_total") > 0);
        var countB = exporter.ServedOn("/b").Count;
        await Wait.Until("b to be scraped on", Deadline, () => exporter.ServedOn("/b").Count > countB + 2);
        File.WriteAllText(targets, Targets(exporter, "a"));
        await Wait.Until("markers of b's series", Deadline, () =>
            receiver.On("/write").Count(sample => sample is { IsStale: true, Name: "page_number" or "up" } && sample.Labels.GetValueOrDefault("path") == "b") >= 2,
            () => string.Join('\n', receiver.On("/write").TakeLast(20)));
        await AssertUndisturbedAsync(exporter, receiver, "path");
    }

    /// <summary>
    /// Target a went on as if nothing had been: none of its series ended or began anew, and it was scraped at nearly every tick of half a second, never
    /// twice. A scrape that says of itself that it failed ran out of its time, which is the machine's load.
    /// </summary>
    private static async Task AssertUndisturbedAsync(ScriptedExporter exporter, RecordingReceiver receiver, string label)
    {
        var pages = exporter.ServedOn("/a");
        var samples = new List<WrittenSample>();
        await Wait.Until("remote write to tell of a's last scrapes", Deadline, () =>
        {
            samples = [.. receiver.On("/write").Where(sample => sample.Labels.GetValueOrDefault(label) == "a")];
            return samples.Exists(sample => sample.Name == "up" && sample.TimestampMs >= pages[^1].RequestedAtMs);
        });
        var failed = samples.Where(sample => sample is { Name: "up", Value: 0 }).Select(sample => sample.TimestampMs).ToHashSet();
        Assert.DoesNotContain(samples, sample => sample.IsStale && !failed.Contains(sample.TimestampMs));
        Assert.InRange(samples.Count(sample => sample is { Name: "scrape_series_added", Value: > 0 }), 0, 1 + failed.Count);
        var ticks = (pages[^1].RequestedAtMs - pages[2].RequestedAtMs) / 500.0;
        Assert.InRange(pages.Count - 3, (ticks * 0.8) - 1, ticks + 2);
    }

    private static string Targets(ScriptedExporter exporter, params string[] names)
    {
        return "[" + string.Join(",", names.Select(name =>
            $"{{\"targets\":[\"{exporter.Address}\"],\"labels\":{{\"__metrics_path__\":\"/{name}\",\"path\":\"{name}\"}}}}")) + "]";
    }

    private static string Config(ScriptedExporter exporter, RecordingReceiver receiver, params string[] jobs)
    {
        return "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\n"
            + $"remote_write: [{{url: '{receiver.Url("/write")}', queue_config: {{batch_send_deadline: 500ms}}}}]\nscrape_configs:\n" + string.Concat(jobs.Select(job =>
            $"- job_name: {job}\n  metrics_path: /{job}\n  static_configs: [targets: ['{exporter.Address}']]\n"));
    }
}
