using System.Net;
using System.Net.Sockets;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>What is set on the sockets of both ends of a connection between nodes.</summary>
public static class PeerSocket
{
    private const int TcpLevel = 6;
    private const int UserTimeout = 18;

    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, TimeSpan deliveryTimeout, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, cancellation);
            LimitDelivery(socket, deliveryTimeout);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary><c>TCP_USER_TIMEOUT</c> (RFC 5482; tcp(7)). Where there is none, the pings must do.</summary>
    public static void LimitDelivery(Socket socket, TimeSpan timeout)
    {
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(TcpLevel, UserTimeout, BitConverter.GetBytes((int)timeout.TotalMilliseconds));
        }
    }
}
