using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// Sockets that were connected ahead of their first request, one an end point: a target that moves here is then scraped at its first due time without waiting
/// for names and handshakes. Nothing is sent on them before they are taken.
/// </summary>
internal sealed class PreparedSockets(TimeProvider time) : IDisposable
{
    // Servers close what stays silent, and what was prepared for is soon here or does not come.
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private const int MaxSockets = 2000;

    private readonly ConcurrentDictionary<EndPoint, Prepared> _sockets = new();
    private volatile bool _disposed;

    private readonly record struct Prepared(Socket Socket, long Since);

    public int Count => _sockets.Count;

    public bool Has(EndPoint endPoint) => _sockets.TryGetValue(endPoint, out var prepared) && IsUsable(prepared);

    /// <summary>Owns the socket from here on.</summary>
    public void Add(EndPoint endPoint, Socket socket)
    {
        if (_sockets.Count >= MaxSockets)
        {
            DropOld();
        }

        if (_disposed || _sockets.Count >= MaxSockets)
        {
            socket.Dispose();
            return;
        }

        Drop(endPoint);
        if (!_sockets.TryAdd(endPoint, new Prepared(socket, time.GetTimestamp())))
        {
            socket.Dispose();
        }

        if (_disposed)
        {
            Drop(endPoint);
        }
    }

    /// <summary>The caller owns the socket from here on. Null when there is none that can be used.</summary>
    public Socket? Take(EndPoint endPoint)
    {
        if (!_sockets.TryRemove(endPoint, out var prepared))
        {
            return null;
        }

        if (IsUsable(prepared))
        {
            return prepared.Socket;
        }

        prepared.Socket.Dispose();
        return null;
    }

    public void DropOld()
    {
        foreach (var (endPoint, prepared) in _sockets)
        {
            if (!IsUsable(prepared))
            {
                Drop(endPoint);
            }
        }
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (var (endPoint, _) in _sockets)
        {
            Drop(endPoint);
        }
    }

    /// <summary>Before a request a server says nothing: what can be read is the end, or a server that would not understand ours.</summary>
    private bool IsUsable(Prepared prepared)
    {
        try
        {
            return time.GetElapsedTime(prepared.Since) < LongestWait && !prepared.Socket.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void Drop(EndPoint endPoint)
    {
        if (_sockets.TryRemove(endPoint, out var prepared))
        {
            prepared.Socket.Dispose();
        }
    }
}
