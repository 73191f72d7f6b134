using System.Net;
using System.Net.Sockets;

namespace ScrapeCluster.IntegrationTests.Peers;

/// <summary>Stands between a caller and a peer. <see cref="Kill"/> is what a caller sees of a peer whose process is killed, <see cref="Freeze"/> of one whose process stands still, <see cref="Cut"/> of one whose machine is gone.</summary>
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

    /// <summary>Connections stay, and nothing that is sent over them is even received; new ones are as before.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _open.ForEach(SwallowAll);
        }
    }

    public void Dispose() => Kill();

    /// <summary>A filter that keeps nothing of any packet (<c>SO_ATTACH_FILTER</c>, socket(7)): the kernel drops them before it would acknowledge them.</summary>
    private static unsafe void SwallowAll(Socket socket)
    {
        const int SocketLevel = 1;
        const int AttachFilter = 26;
        const ulong ReturnNothing = 0x06; // struct sock_filter: code (BPF_RET | BPF_K), no jumps, k = 0
        var instruction = ReturnNothing;
        Span<ulong> program = [1, (ulong)&instruction]; // struct sock_fprog: one instruction, where it is
        socket.SetRawSocketOption(SocketLevel, AttachFilter, System.Runtime.InteropServices.MemoryMarshal.AsBytes(program));
    }

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
