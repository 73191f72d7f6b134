using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reload;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Node;

/// <summary>A whole node in this process, on a free port and a clock that stands until it is moved.</summary>
internal sealed partial class NodeUnderTest : IAsyncDisposable
{
    /// <summary>
    /// The lease of leadership is renewed by real time and runs out by the test's clock, which a test moves by a minute in a moment: what only the leader has would go
    /// and come back.
    /// </summary>
    private static readonly (string Name, string Value) LongLease = ("SCRAPECLUSTER_CLUSTER_LEASE_TTL", "5m");

    /// <summary>More than discovery waits between the first targets and the next.</summary>
    private static readonly TimeSpan LongestPlacement = TimeSpan.FromSeconds(20);

    private readonly NodeHost _host;
    private readonly string _directory;

    private NodeUnderTest(NodeHost host, string directory, ManualTimeProvider time)
    {
        _host = host;
        _directory = directory;
        Time = time;
        Client = new HttpClient { BaseAddress = new Uri(host.Addresses.Single()) };
    }

    public ManualTimeProvider Time { get; }

    public HttpClient Client { get; }

    public string ConfigFile => Path.Combine(_directory, "prometheus.yml");

    public static async Task<NodeUnderTest> StartAsync(string yaml, params string[] flags)
    {
        var directory = Directory.CreateTempSubdirectory("node-test-").FullName;
        var file = Path.Combine(directory, "prometheus.yml");
        await File.WriteAllTextAsync(file, yaml, TestContext.Current.CancellationToken);
        var start = NodeConfiguration.Load(
            [$"--config.file={file}", $"--storage.path={Path.Combine(directory, "data")}", "--web.listen-address=127.0.0.1:0", .. flags], name => name == LongLease.Name ? LongLease.Value : null);
        Assert.Empty(start.Faults);
        var loader = new ConfigLoader(start.Settings);
        var (config, error) = loader.Load();
        Assert.True(config is not null, error);
        var time = new ManualTimeProvider();
        var host = new NodeHost(start, config, loader, NullLoggerFactory.Instance, time);
        Assert.Null(await host.TryStartAsync());
        return new NodeUnderTest(host, directory, time);
    }

    /// <summary>Status and body; moments, durations and ports that differ from run to run are starred out.</summary>
    public async Task<string> AskAsync(HttpMethod method, string path, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {Changing().Replace(text, "$1*")}";
    }

    public Task<string> GetAsync(string path) => AskAsync(HttpMethod.Get, path);

    /// <summary>
    /// Moves the clock on until so many targets are placed, waits until they know when they are due, moves it on by their interval of a minute, so that each falls due,
    /// and waits for their scrapes. However long that takes, the clock goes no further, so that nothing of it runs out.
    /// </summary>
    public async Task ScrapeAllAsync(int count)
    {
        var step = TimeSpan.FromMilliseconds(100);
        var left = LongestPlacement;
        var targets = await AwaitTargetsAsync(count, static _ => true, () =>
        {
            Time.Advance(left > TimeSpan.Zero ? step : TimeSpan.Zero);
            left -= step;
        });
        foreach (var target in targets)
        {
            await AwaitDueTimeAsync(target.GetProperty("scrapeUrl").GetString()!);
        }

        // A loop that planned its first scrape while the clock moved wakes that much later.
        Time.Advance(TimeSpan.FromMinutes(1) + LongestPlacement);
        await AwaitTargetsAsync(count, static target => target.GetProperty("health").GetString() != "unknown", static () => { });
    }

    private async Task<IReadOnlyList<JsonElement>> AwaitTargetsAsync(int count, Predicate<JsonElement> isSo, Action each)
    {
        IReadOnlyList<JsonElement> targets = [];
        await AwaitAsync("/api/v1/targets?state=active", answer =>
        {
            each();
            targets = [.. answer.GetProperty("data").GetProperty("activeTargets").EnumerateArray()];
            return targets.Count == count && targets.All(target => isSo(target));
        });
        return targets;
    }

    /// <summary>A target is shown before its loop has planned anything.</summary>
    private Task AwaitDueTimeAsync(string url) => AwaitAsync(
        $"/api/cluster/v1/shards/why?target={Uri.EscapeDataString(url)}", static answer => answer.GetProperty("data").GetProperty("targets")[0].GetProperty("nextScrape").ValueKind == JsonValueKind.String);

    private async Task AwaitAsync(string path, Predicate<JsonElement> isSo)
    {
        var patience = Stopwatch.StartNew();
        while (await Client.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken) is var answer && !isSo(answer))
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), $"{path} does not become what is waited for: {answer}");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [GeneratedRegex("(\"(?:lastScrape|startTime|serverTime|lastConfigTime|at)\":\"|\"(?:lastScrapeDuration|goroutineCount|GOMAXPROCS|GOMEMLIMIT|handlerSeconds)\":|127\\.0\\.0\\.1:|\\.example:)([^\",}/\\\\]+)")]
    private static partial Regex Changing();
}
