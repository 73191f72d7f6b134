using System.Net.Sockets;

namespace ScrapeCluster.Configuration.Http;

internal static class UnixSocketDialer
{
    /// <summary>The dialer of a socket path; null for TCP, which the handler dials itself.</summary>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? For(string? path)
    {
        return string.IsNullOrEmpty(path) ? null : (_, cancellationToken) => DialAsync(path, cancellationToken);
    }

    private static async ValueTask<Stream> DialAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
