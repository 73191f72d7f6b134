using System.Net;
using System.Net.Sockets;

namespace ScrapeCluster.IntegrationTests.Peers;

/// <summary>Stands between a caller and a peer. <see cref="Kill"/> is what a caller sees of a peer whose process is killed, <see cref="Freeze"/> of one whose machine is.</summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private readonly int _target;
    private volatile bool _isFrozen;

    public Relay(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Every connection is reset, and nobody listens any more.</summary>
    public void Kill()
    {
        _listener.Stop();
        lock (_lock)
        {
            foreach (var socket in _open)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }

            _open.Clear();
        }
    }

    /// <summary>Connections stay, and nothing comes over them any more.</summary>
    public void Freeze() => _isFrozen = true;

    public void Dispose() => Kill();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptSocketAsync();
                var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await peer.ConnectAsync(IPAddress.Loopback, _target);
                lock (_lock)
                {
                    _open.AddRange([caller, peer]);
                }

                _ = CarryAsync(caller, peer);
                _ = CarryAsync(peer, caller);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Killed.
        }
    }

    private async Task CarryAsync(Socket from, Socket to)
    {
        var bytes = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(bytes) is > 0 and var count)
            {
                for (var sent = 0; sent < count && !_isFrozen;)
                {
                    sent += await to.SendAsync(bytes.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Killed.
        }
    }
}
