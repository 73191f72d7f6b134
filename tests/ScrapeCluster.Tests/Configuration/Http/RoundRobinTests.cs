using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>Connections to a name of several addresses: a server at all addresses of this machine says at which it was reached.</summary>
public sealed class RoundRobinTests
{
    private static readonly IPAddress[] Addresses = [IPAddress.Parse("127.0.0.3"), IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.0.0.2")];

    [Fact]
    public async Task Get_NewConnections_TakeTheAddressesInTurn()
    {
        await using var server = await StartAsync();
        var lookUps = new List<string>();
        using var client = Client((host, _) =>
        {
            lookUps.Add(host);
            return Task.FromResult(Addresses.ToArray());
        });
        Assert.Equal(["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1"], await VisitsAsync(client, server, 4));
        Assert.Equal(["receiver.test", "receiver.test", "receiver.test", "receiver.test"], lookUps);
    }

    /// <summary>Nobody can connect to a multicast address.</summary>
    [Fact]
    public async Task Get_AddressWithoutServer_TakesTheNext()
    {
        await using var server = await StartAsync();
        using var client = Client((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("224.0.0.1"), IPAddress.Parse("127.0.0.2")]));
        Assert.Equal(["127.0.0.2", "127.0.0.2", "127.0.0.2"], await VisitsAsync(client, server, 3));
    }

    [Fact]
    public async Task Get_NameThatIsGone_SaysSo()
    {
        using var client = Client((_, _) => throw new SocketException((int)SocketError.HostNotFound));
        Assert.Equal("Get \"http://receiver.test:1/\": dial tcp: lookup receiver.test: no such host", await client.GetAsync("http://receiver.test:1/"));
    }

    private static async Task<List<string>> VisitsAsync(HttpExchange client, WebApplication server, int count)
    {
        var visits = new List<string>();
        var url = $"http://receiver.test:{new Uri(server.Urls.First()).Port}/";
        for (var i = 0; i < count; i++)
        {
            visits.Add(await client.GetAsync(url));
        }

        return visits;
    }

    private static HttpExchange Client(Func<string, CancellationToken, Task<IPAddress[]>> resolve) =>
        new(new HttpClientConfig(), new HttpTransportOptions { RoundRobinDns = true, Resolve = resolve });

    /// <summary>Ends every connection after its answer.</summary>
    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://0.0.0.0:0");
        var app = builder.Build();
        app.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers.Connection = "close";
            return $"{context.Connection.LocalIpAddress!.MapToIPv4()}";
        });
        await app.StartAsync();
        return app;
    }
}
