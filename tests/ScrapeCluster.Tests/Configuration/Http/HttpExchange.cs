using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>One GET after another as a configuration says; an answer is its body, a failure its text.</summary>
internal sealed class HttpExchange : IDisposable
{
    private readonly ConfiguredHttpClient _client;

    public HttpExchange(HttpClientConfig config, HttpTransportOptions? options = null)
    {
        Assert.True(ConfiguredHttpClient.TryCreate(config, options ?? new HttpTransportOptions(), out var client, out var fault), fault);
        _client = client;
    }

    public HttpExchange(TlsConfig tls)
        : this(new HttpClientConfig { Tls = tls })
    {
    }

    public async Task<string> GetAsync(string url, Version? version = null)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        using var request = new HttpRequestMessage(HttpMethod.Get, url)
        {
            Version = version ?? new Version(1, 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        try
        {
            using var response = await _client.SendAsync(request, timeout.Token);
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(timeout.Token) : HttpFaultText.Status(response);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return HttpFaultText.Describe(e, request.RequestUri!, timeout.IsCancellationRequested);
        }
    }

    public void Dispose() => _client.Dispose();
}
