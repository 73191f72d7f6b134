using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>enable_http2: agreed on in the TLS handshake, never without TLS.</summary>
public sealed class Http2Tests
{
    [Theory]
    [InlineData(true, HttpProtocols.Http1AndHttp2, "HTTP/2")]
    [InlineData(false, HttpProtocols.Http1AndHttp2, "HTTP/1.1")]
    [InlineData(true, HttpProtocols.Http1, "HTTP/1.1")]
    public async Task Fetch_OverTls_SpeaksWhatBothSidesAllow(bool enabled, HttpProtocols offered, string expected)
    {
        using var authority = TestAuthority.Root();
        await using var server = await StartAsync(authority.Issue("a", "127.0.0.1"), offered);
        var config = new ScrapeConfig { HttpClient = new HttpClientConfig { EnableHttp2 = enabled, Tls = new TlsConfig { Ca = authority.Pem } } };
        var buffers = new BodyBufferPool();
        Assert.True(new TargetFetcherFactory("test", 1 << 20, buffers).TryCreate(config, out var fetchers, out var fault), fault);
        using var owner = fetchers;
        var fetcher = fetchers.For(Target(server.Urls.Single() + "/metrics"));

        for (var scrape = 0; scrape < 3; scrape++)
        {
            var page = await fetcher.FetchAsync(0, TestContext.Current.CancellationToken);
            Assert.Null(page.Fault);
            Assert.Equal($"{expected} 1", System.Text.Encoding.UTF8.GetString(page.Buffer.AsSpan(0, page.Length)));
        }
    }

    private static ScrapeTarget Target(string url) => new()
    {
        Labels = Labels.Empty,
        AllLabels = Labels.Empty,
        DiscoveredLabels = Labels.Empty,
        Url = url,
        Interval = TimeSpan.FromSeconds(60),
        Timeout = TimeSpan.FromSeconds(60),
        Hash = 1,
    };

    /// <summary>Answers with the protocol and the number of connections so far.</summary>
    private static async Task<WebApplication> StartAsync(X509Certificate2 certificate, HttpProtocols protocols)
    {
        var connections = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            listen.UseHttps(certificate);
            listen.Use(next => connection =>
            {
                Interlocked.Increment(ref connections);
                return next(connection);
            });
        }));
        var server = builder.Build();
        server.MapGet("/metrics", (HttpRequest request) => $"{request.Protocol} {connections}");
        await server.StartAsync();
        return server;
    }
}
