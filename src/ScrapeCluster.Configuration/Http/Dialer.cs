using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace ScrapeCluster.Configuration.Http;

/// <summary>Opens the connections of a client: a socket to the host, to its proxy or to a fixed path, a tunnel through the proxy, and TLS on top.</summary>
internal sealed class Dialer(TlsMaterial tls, ConfiguredProxy? proxy, string? unixSocket)
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

    private async ValueTask<Stream> OpenAsync(DnsEndPoint endPoint, ProxyServer? server, CancellationToken cancellationToken)
    {
        var socket = string.IsNullOrEmpty(unixSocket)
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(string.IsNullOrEmpty(unixSocket) ? endPoint : new UnixDomainSocketEndPoint(unixSocket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e) when (server is not null)
        {
            socket.Dispose();
            throw new HttpRequestException(HttpRequestError.ProxyTunnelError, $"proxyconnect tcp: dial tcp {server.Url.Authority}: connect: {HttpFaultText.Words(e)}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
