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
            [$"--config.file={file}", $"--storage.path={Path.Combine(directory, "data")}", "--web.listen-address=127.0.0.1:0", .. flags], _ => null);
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

    /// <summary>Moves the clock second by second until every target has been scraped.</summary>
    public async Task ScrapeAllAsync()
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            var answer = await Client.GetFromJsonAsync<JsonElement>("/api/v1/targets", TestContext.Current.CancellationToken);
            var targets = answer.GetProperty("data").GetProperty("activeTargets").EnumerateArray().ToList();
            if (targets.Count > 0 && targets.TrueForAll(target => target.GetProperty("health").GetString() != "unknown"))
            {
                return;
            }

            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), $"targets are not scraped: {answer}");
            Time.Advance(TimeSpan.FromMilliseconds(100));
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
