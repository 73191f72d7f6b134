using System.Net;
using System.Net.Sockets;
using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>Gives every tunnel that is asked for to one port.</summary>
internal sealed class TunnelServer(int port) : IAsyncDisposable
{
    private readonly SocketExporter _server = new(async (stream, token) =>
    {
        await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), token);
        using var target = new TcpClient();
        await target.ConnectAsync(IPAddress.Loopback, port, token);
        await Task.WhenAny(stream.CopyToAsync(target.GetStream(), token), target.GetStream().CopyToAsync(stream, token));
    });

    public int Port => _server.Port;

    public string[] Requests => _server.Requests;

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
