using System.Text;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;
using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>What a proxy is asked for, and by which URLs.</summary>
public sealed class ProxyTests
{
    [Fact]
    public async Task Get_PlainUrl_AsksTheProxyForTheWholeUrlWithItsPassword()
    {
        await using var server = new SocketExporter(SocketExporter.Ok("a 1\n"));
        using var client = new HttpExchange(Proxy(new ProxyConfig { ProxyUrl = $"http://us%40er:p%3Aw@127.0.0.1:{server.Port}" }));

        Assert.Equal("a 1\n", await client.GetAsync("http://exporter.test:9100/metrics?x=1"));

        var request = Assert.Single(server.Requests);
        Assert.StartsWith("GET http://exporter.test:9100/metrics?x=1 HTTP/1.1\r\n", request);
        Assert.Contains("Host: exporter.test:9100\r\n", request);
        Assert.Contains($"Proxy-Authorization: Basic {Convert.ToBase64String("us@er:p:w"u8)}\r\n", request);
    }

    [Fact]
    public async Task Get_PlainRedirectToAnotherHost_TellsTheProxyItsPasswordAgain()
    {
        var isFirst = true;
        await using var server = new SocketExporter((stream, token) =>
        {
            var answer = isFirst ? "HTTP/1.1 302 Found\r\nLocation: http://other.test/\r\nContent-Length: 0\r\n\r\n" : SocketExporter.Ok("a 1\n");
            isFirst = false;
            return stream.WriteAsync(Encoding.Latin1.GetBytes(answer), token).AsTask();
        });
        using var client = new HttpExchange(Proxy(new ProxyConfig { ProxyUrl = $"http://u:p@127.0.0.1:{server.Port}" }));

        Assert.Equal("a 1\n", await client.GetAsync("http://exporter.test/"));
        Assert.All(server.Requests, request => Assert.Single(request.Split("\r\n"), line => line == "Proxy-Authorization: Basic dTpw"));
    }

    [Fact]
    public async Task Get_TlsUrl_OpensATunnelWithTheConnectHeaders()
    {
        using var authority = TestAuthority.Root();
        await using var exporter = new TlsExporter(authority.Issue("a", "exporter.test"));
        await using var server = new TunnelServer(exporter.Port);
        var config = Proxy(new ProxyConfig
        {
            ProxyUrl = $"http://u:p@127.0.0.1:{server.Port}",
            ConnectHeaders = [new ProxyHeader("X-Site", [new Secret("one"), new Secret("two")])],
        });
        using var client = new HttpExchange(config with { Tls = new TlsConfig { Ca = authority.Pem } });

        Assert.Equal("a 1\n", await client.GetAsync("https://exporter.test:8443/metrics"));
        Assert.Equal("a 1\n", await client.GetAsync("https://exporter.test:8443/metrics"));

        Assert.Equal(
            "CONNECT exporter.test:8443 HTTP/1.1\r\nHost: exporter.test:8443\r\nProxy-Authorization: Basic dTpw\r\nX-Site: one\r\nX-Site: two\r\n\r\n",
            Assert.Single(server.Requests));
        Assert.Equal("exporter.test", Assert.Single(exporter.Visits).ServerName);
    }

    [Fact]
    public async Task Get_ProxyRefusesTheTunnel_NamesProxyAndAnswer()
    {
        await using var server = new SocketExporter("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        using var client = new HttpExchange(Proxy(new ProxyConfig { ProxyUrl = $"http://u:secret@127.0.0.1:{server.Port}" }));

        Assert.Equal(
            $"Get \"https://exporter.test/\": proxyconnect: proxy 127.0.0.1:{server.Port} answered CONNECT exporter.test:443 with \"HTTP/1.1 407 Proxy Authentication Required\"",
            await client.GetAsync("https://exporter.test/"));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Get_ProxyDoesNotListen_NamesTheProxy(string scheme)
    {
        using var closed = new ClosedPort();
        using var client = new HttpExchange(Proxy(new ProxyConfig { ProxyUrl = $"http://127.0.0.1:{closed.Port}" }));

        Assert.Equal(
            $"Get \"{scheme}://exporter.test/\": proxyconnect tcp: dial tcp 127.0.0.1:{closed.Port}: connect: connection refused", await client.GetAsync($"{scheme}://exporter.test/"));
    }

    [Theory]
    [InlineData("http://other.test/", true)]
    [InlineData("http://exporter.test/", false)]
    [InlineData("http://a.exporter.test/", false)]
    [InlineData("http://notexporter.test/", true)]
    [InlineData("http://domain.test/", true)]
    [InlineData("http://a.domain.test/", false)]
    [InlineData("http://wild.test/", true)]
    [InlineData("http://a.wild.test/", false)]
    [InlineData("http://port.test:81/", false)]
    [InlineData("http://port.test/", true)]
    [InlineData("http://10.1.2.3/", false)]
    [InlineData("http://10.2.2.3/", true)]
    [InlineData("http://192.168.1.1/", false)]
    [InlineData("http://[fd00::1]/", false)]
    [InlineData("http://localhost/", false)]
    [InlineData("http://127.0.0.9/", false)]
    public void For_NoProxy_IsReadAsGoReadsIt(string url, bool isProxied)
    {
        const string NoProxy = "exporter.test, .domain.test,*.wild.test,port.test:81,10.1.0.0/16,192.168.1.1,fd00::1";
        Assert.True(ConfiguredProxy.TryCreate(new ProxyConfig { ProxyUrl = "http://proxy:1", NoProxy = NoProxy }, _ => null, out var proxy, out var fault), fault);

        Assert.Equal(isProxied, proxy!.For(new Uri(url)) is not null);
    }

    [Fact]
    public void For_WithoutNoProxy_ThisHostIsProxiedToo()
    {
        Assert.True(ConfiguredProxy.TryCreate(new ProxyConfig { ProxyUrl = "http://proxy:1" }, _ => null, out var proxy, out _));
        Assert.NotNull(proxy!.For(new Uri("http://localhost/")));
    }

    [Fact]
    public void For_Environment_HasAProxyForEachScheme()
    {
        var variables = new Dictionary<string, string> { ["http_proxy"] = "plain:3128", ["HTTPS_PROXY"] = "http://secure:3129", ["NO_PROXY"] = "near.test" };
        Assert.True(ConfiguredProxy.TryCreate(new ProxyConfig { ProxyFromEnvironment = true }, variables.GetValueOrDefault, out var proxy, out var fault), fault);

        Assert.Equal("plain:3128", proxy!.For(new Uri("http://far.test/"))?.Url.Authority);
        Assert.Equal("secure:3129", proxy.For(new Uri("https://far.test/"))?.Url.Authority);
        Assert.Null(proxy.For(new Uri("https://near.test/")));
        Assert.Null(proxy.For(new Uri("http://localhost/")));
        Assert.True(ConfiguredProxy.TryCreate(new ProxyConfig { ProxyFromEnvironment = true }, _ => null, out proxy, out fault), fault);
        Assert.Null(proxy);
    }

    [Fact]
    public void Create_ProxyUrlOfUnknownScheme_IsAFaultWithoutThePassword()
    {
        Assert.False(ConfiguredHttpClient.TryCreate(Proxy(new ProxyConfig { ProxyUrl = "ftp://u:secret@proxy" }), new HttpTransportOptions(), out _, out var fault));
        Assert.Equal("proxy_url \"ftp://u:xxxxx@proxy\" is not a URL of scheme http, https or socks5", fault);
    }

    private static HttpClientConfig Proxy(ProxyConfig proxy) => new() { Proxy = proxy };
}
