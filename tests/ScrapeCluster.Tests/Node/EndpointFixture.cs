using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Scraping;
using ScrapeCluster.Testing;
using ScrapeCluster.Tests.Storage;

namespace ScrapeCluster.Tests.Node;

/// <summary>The node's endpoints over a storage that a test fills sample by sample; no actors run.</summary>
internal sealed class EndpointFixture : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly HttpClient _client;

    private EndpointFixture(WebApplication web, StorageFixture storage, NodeContext context)
    {
        _web = web;
        Storage = storage;
        Context = context;
        _client = new HttpClient { BaseAddress = new Uri(web.Urls.Single()) };
    }

    public StorageFixture Storage { get; }

    public NodeContext Context { get; }

    public string Url => _web.Urls.Single();

    /// <summary>The node was told to stop.</summary>
    public CancellationToken Stopping => _web.Lifetime.ApplicationStopping;

    public Readiness Readiness => Context.Readiness;

    public static async Task<EndpointFixture> StartAsync(
        DateTimeOffset now, Labels externalLabels, string externalUrl = "http://node.example:9095/", Func<NodeContext, NodeContext>? arrange = null)
    {
        var storage = new StorageFixture();
        var readiness = new Readiness { IsServing = true, IsMember = true };
        var time = new ManualTimeProvider(now);
        var settings = NodeSettings.Defaults();
        var config = new PrometheusConfig { Global = new GlobalConfig { ExternalLabels = externalLabels } };
        var context = new NodeContext
        {
            StartTime = now,
            Time = time,
            Settings = settings with { Web = settings.Web with { ListenAddress = new ListenAddress("127.0.0.1", 0) } },
            Flags = new Dictionary<string, string>(),
            ExternalUrl = new Uri(externalUrl),
            Metrics = storage.Metrics,
            Config = new ConfigState(config, now),
            Storage = storage.Storage,
            Board = new ScrapeBoard(),
            Readiness = readiness,
            Reload = _ => Task.FromResult<string?>(null),
            InspectActors = _ => null,
        };
        context = arrange?.Invoke(context) ?? context;
        var web = WebServer.Build(context, NullLoggerFactory.Instance);
        await web.StartAsync(TestContext.Current.CancellationToken);
        return new EndpointFixture(web, storage, context with { Stop = web.Lifetime.StopApplication });
    }

    public async Task<(int Status, string Body)> GetAsync(string path)
    {
        using var response = await _client.GetAsync(path, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? authorization = null, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await _client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _web.DisposeAsync();
        Storage.Dispose();
    }
}
