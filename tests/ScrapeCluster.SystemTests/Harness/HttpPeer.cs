using System.Globalization;
using System.Text.Json;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>A server process with Prometheus's HTTP API: the node itself, or stock Prometheus.</summary>
internal abstract class HttpPeer(
    string program, IEnumerable<string> arguments, int port, string? workingFolder = null, IReadOnlyDictionary<string, string>? environment = null,
    string host = "127.0.0.1")
    : ChildProcess(program, arguments, workingFolder, environment)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public int Port { get; } = port;

    public string Url(string path) => $"http://{host}:{Port}{path}";

    public Task<string> TextAsync(string path) => Http.GetStringAsync(Url(path));

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(Url(path));

    public Task<HttpResponseMessage> PostAsync(string path) => Http.PostAsync(Url(path), null);

    public Task<HttpResponseMessage> PostAsync(string path, HttpContent body) => Http.PostAsync(Url(path), body);

    /// <summary>The <c>data</c> member of an API answer.</summary>
    public async Task<JsonElement> DataAsync(string path)
    {
        using var answer = JsonDocument.Parse(await TextAsync(path));
        return answer.RootElement.GetProperty("data").Clone();
    }

    public Task ReadyAsync(TimeSpan? deadline = null)
    {
        return Wait.Until($"{GetType().Name} on port {Port} to be ready", deadline ?? TimeSpan.FromSeconds(60), async () =>
        {
            Assert.False(HasExited, $"{GetType().Name} ended early:\n{Output}");
            using var answer = await GetAsync("/-/ready");
            return answer.IsSuccessStatusCode;
        }, () => Output);
    }

    /// <summary>The value of one line of <c>/metrics</c>, by its exact series text; null when absent.</summary>
    public async Task<double?> MetricAsync(string series)
    {
        foreach (var line in (await TextAsync("/metrics")).Split('\n'))
        {
            if (line.StartsWith(series + " ", StringComparison.Ordinal))
            {
                return double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture);
            }
        }

        return null;
    }
}
