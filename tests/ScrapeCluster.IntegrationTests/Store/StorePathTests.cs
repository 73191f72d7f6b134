using System.Net;
using System.Net.Sockets;
using ScrapeCluster.Cluster.Store.Postgres;

namespace ScrapeCluster.IntegrationTests.Store;

public sealed class StorePathTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void SomebodyListens_IsOpen()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.True(new StorePath("127.0.0.1", port).IsOpen(Patience));
        Assert.True(new StorePath($"[::1]:1,127.0.0.1:{port}", 5432).IsOpen(Patience));
    }

    [Fact]
    public void Refused_IsOpen()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        Assert.True(new StorePath("127.0.0.1", port).IsOpen(Patience));
    }

    /// <summary>A listener whose backlog is full drops what comes: nothing comes back from there.</summary>
    [Fact]
    public void NothingComesBack_IsNotOpen()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(backlog: 0);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var first = new TcpClient();
        first.Connect(IPAddress.Loopback, port);
        var path = new StorePath("127.0.0.1", port);
        var looks = Enumerable.Range(0, 4).Select(_ => Hold(port)).ToList();
        try
        {
            Assert.False(path.IsOpen(TimeSpan.FromMilliseconds(100)));
            listener.AcceptSocket().Dispose();
        }
        finally
        {
            looks.ForEach(static look => look.Dispose());
        }
    }

    [Theory]
    [InlineData("/var/run/postgresql")]
    [InlineData("")]
    public void NoAddressToLookAt_IsTakenAsOpen(string host) => Assert.True(new StorePath(host, 5432).IsOpen(TimeSpan.Zero));

    [Fact]
    public async Task Name_IsLookedAtOnceItIsResolved()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var path = new StorePath("localhost", ((IPEndPoint)listener.LocalEndpoint).Port);
        path.Resolve();
        await Task.Yield();

        Assert.True(path.IsOpen(Patience));
        Assert.True(path.IsOpen(Patience));
    }

    /// <summary>An attempt that stays in the listener's queue, or before it.</summary>
    private static Socket Hold(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // It goes on beside.
        }

        return socket;
    }
}
