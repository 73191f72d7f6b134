using System.Net;
using System.Net.Sockets;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;
using ScrapeCluster.Testing;
using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>Connections opened ahead of the first request.</summary>
public sealed class PreparedConnectionTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Prepare_OpensOneConnectionAndSendsNothing_TheFirstRequestTakesIt()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok("a 1\n"));
        using var client = Client();

        await Prepare(client, exporter.Url);
        await Prepare(client, exporter.Url);
        Assert.Equal((1, 0), (await Connections(exporter, 1), exporter.Requests.Length));

        Assert.Equal("a 1\n", await Get(client, exporter.Url));
        Assert.Equal((1, 1), (exporter.Connections, exporter.Requests.Length));
    }

    [Fact]
    public async Task Prepare_LongAgo_IsNotUsed()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok("a 1\n"));
        using var client = Client();
        await Prepare(client, exporter.Url);
        await Connections(exporter, 1);

        _time.Advance(PreparedSockets.LongestWait);
        Assert.Equal("a 1\n", await Get(client, exporter.Url));
        Assert.Equal(2, exporter.Connections);
    }

    [Fact]
    public async Task Prepare_ServerThatHangsUp_IsDialledAnew()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var sockets = new PreparedSockets(_time);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        sockets.Add(listener.LocalEndPoint!, socket);
        Assert.True(sockets.Has(listener.LocalEndPoint!));

        (await listener.AcceptAsync(TestContext.Current.CancellationToken)).Dispose();
        SpinWait.SpinUntil(() => !sockets.Has(listener.LocalEndPoint!), TimeSpan.FromSeconds(60));

        Assert.Null(sockets.Take(listener.LocalEndPoint!));
        Assert.Equal(0, sockets.Count);
    }

    [Fact]
    public async Task Prepare_ClosedPort_FailsAsARequestWould()
    {
        using var client = Client();
        await Assert.ThrowsAsync<SocketException>(() => Prepare(client, "http://127.0.0.1:1/metrics"));
    }

    [Fact]
    public async Task Prepare_Proxied_ConnectsToTheProxy()
    {
        await using var proxy = new SocketExporter(SocketExporter.Ok("a 1\n"));
        using var client = Client(new HttpClientConfig { Proxy = new ProxyConfig { ProxyUrl = $"http://127.0.0.1:{proxy.Port}" } });

        await Prepare(client, "http://no.such.host.invalid/metrics");
        Assert.Equal((1, 0), (await Connections(proxy, 1), proxy.Requests.Length));
        Assert.Equal("a 1\n", await Get(client, "http://no.such.host.invalid/metrics"));
        Assert.Equal(1, proxy.Connections);
    }

    [Fact]
    public async Task ForgetPrepared_ClosesWhatIsOld()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok("a 1\n"));
        using var client = Client();
        await Prepare(client, exporter.Url);
        _time.Advance(PreparedSockets.LongestWait);
        client.ForgetPrepared();

        await Prepare(client, exporter.Url);
        Assert.Equal(2, await Connections(exporter, 2));
    }

    private ConfiguredHttpClient Client(HttpClientConfig? config = null)
    {
        Assert.True(ConfiguredHttpClient.TryCreate(config ?? HttpClientConfig.Default, new HttpTransportOptions { Time = _time }, out var client, out var fault), fault);
        return client;
    }

    private static Task Prepare(ConfiguredHttpClient client, string url) => client.PrepareAsync(new Uri(url), TestContext.Current.CancellationToken);

    private static async Task<string> Get(ConfiguredHttpClient client, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The other side accepts a moment after the connection stands here.</summary>
    private static async Task<int> Connections(SocketExporter exporter, int expected)
    {
        await Task.Run(() => SpinWait.SpinUntil(() => exporter.Connections >= expected, TimeSpan.FromSeconds(60)), TestContext.Current.CancellationToken);
        return exporter.Connections;
    }
}
