using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace ScrapeCluster.Configuration.Http;

/// <summary>Opens the connections of a client: a socket to the host, to its proxy or to a fixed path, a tunnel through the proxy, and TLS on top.</summary>
internal sealed class Dialer(TlsMaterial tls, ConfiguredProxy? proxy, string? unixSocket, PreparedSockets prepared, AddressTurns? turns = null)
{
    // The handler asks for HTTP/1.1 from then on, and would not understand what a host that learned HTTP/2 meanwhile answers.
    private readonly ConcurrentDictionary<DnsEndPoint, bool> _withoutHttp2 = new();

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var request = context.InitialRequestMessage;
        var url = request.RequestUri!;
        var server = proxy?.For(url);
        var tunnel = proxy?.TunnelFor(url);
        var stream = tunnel is null
            ? await OpenAsync(context.DnsEndPoint, server, cancellationToken)
            : await TunnelAsync(tunnel, context.DnsEndPoint, cancellationToken);
        if (url.Scheme != Uri.UriSchemeHttps || (server is not null && tunnel is null))
        {
            // Plain, or a proxy behind which the handler goes on by itself.
            return stream;
        }

        var offersHttp2 = request.Version.Major == 2 && !_withoutHttp2.ContainsKey(context.DnsEndPoint);
        var secured = await TlsHandshake.AuthenticateAsync(stream, context.DnsEndPoint.Host, tls, offersHttp2, cancellationToken);
        if (offersHttp2 && secured.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
        {
            _withoutHttp2[context.DnsEndPoint] = true;
        }

        return secured;
    }

    private async ValueTask<Stream> TunnelAsync(ProxyServer server, DnsEndPoint destination, CancellationToken cancellationToken)
    {
        var stream = await OpenAsync(new DnsEndPoint(server.Url.IdnHost, server.Url.Port), server, cancellationToken);
        if (server.Url.Scheme == Uri.UriSchemeHttps)
        {
            stream = await TlsHandshake.AuthenticateAsync(stream, server.Url.IdnHost, tls, offersHttp2: false, cancellationToken);
        }

        try
        {
            await ProxyTunnel.OpenAsync(stream, server, destination, proxy!.ConnectHeaders, cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects ahead to where a request to this URL will be sent first: its host, or the proxy. Throws as a request would.</summary>
    public async Task PrepareAsync(Uri url, CancellationToken cancellationToken)
    {
        var first = proxy?.For(url)?.Url ?? url;
        var address = AddressOf(new DnsEndPoint(first.IdnHost, first.Port));
        if (!prepared.Has(address))
        {
            prepared.Add(address, await ConnectAsync(address, cancellationToken));
        }
    }

    private EndPoint AddressOf(DnsEndPoint endPoint) => string.IsNullOrEmpty(unixSocket) ? endPoint : new UnixDomainSocketEndPoint(unixSocket);

    private async ValueTask<Stream> OpenAsync(DnsEndPoint endPoint, ProxyServer? server, CancellationToken cancellationToken)
    {
        var address = AddressOf(endPoint);
        try
        {
            return new NetworkStream(prepared.Take(address) ?? await ConnectAsync(address, cancellationToken), ownsSocket: true);
        }
        catch (SocketException e) when (server is not null)
        {
            throw new HttpRequestException(HttpRequestError.ProxyTunnelError, $"proxyconnect tcp: dial tcp {server.Url.Authority}: connect: {HttpFaultText.Words(e)}");
        }
    }

    private Task<Socket> ConnectAsync(EndPoint address, CancellationToken cancellationToken) =>
        address is DnsEndPoint name && turns is not null ? turns.ConnectAsync(name, cancellationToken) : ConnectToAsync(address, cancellationToken);

    internal static async Task<Socket> ConnectToAsync(EndPoint address, CancellationToken cancellationToken)
    {
        var socket = address is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
