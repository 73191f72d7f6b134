using System.Net;
using System.Net.Sockets;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>A port that refuses connections for as long as this lives: taken, so that nobody else is given it, and not listened on.</summary>
internal sealed class ClosedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();
}
