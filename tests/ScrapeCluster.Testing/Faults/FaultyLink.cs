using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ScrapeCluster.Testing.Faults;

/// <summary>
/// A TCP connection point before another server that makes it slow, silent or gone for whoever goes through it. The delay is of each answer: what the server
/// sends is passed on that much later, in order.
/// </summary>
public sealed class FaultyLink : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _ended = new();
    private readonly IPEndPoint _server;
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private readonly Task _accepting;
    private long _delayTicks;
    private volatile TaskCompletionSource? _silence;

    public FaultyLink(IPAddress address, IPEndPoint server)
    {
        _server = server;
        _listener.Bind(new IPEndPoint(address, 0));
        _listener.Listen(256);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    public void Delay(TimeSpan answers) => Volatile.Write(ref _delayTicks, answers.Ticks);

    /// <summary>Connections stay, nothing passes, in neither direction.</summary>
    public void FallSilent() => _silence ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Speak()
    {
        var silence = _silence;
        _silence = null;
        silence?.SetResult();
    }

    /// <summary>Every connection ends with a reset; new ones may be made.</summary>
    public void Reset()
    {
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

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();
        Speak();
        Reset();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_ended.IsCancellationRequested)
            {
                _ = JoinAsync(await _listener.AcceptAsync(_ended.Token));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task JoinAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            client.NoDelay = true;
            lock (_lock)
            {
                _open.Add(client);
                _open.Add(server);
            }

            await server.ConnectAsync(_server, _ended.Token);
            await Task.WhenAny(PassAsync(client, server, isAnswer: false), PassAsync(server, client, isAnswer: true));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The server refuses: so does the link.
        }
        finally
        {
            // Under the lock, and not among the open ones any more: a reset takes no socket that is disposed.
            lock (_lock)
            {
                _open.Remove(client);
                _open.Remove(server);
                client.Dispose();
                server.Dispose();
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _ended.Token) is var read and > 0)
            {
                if (isAnswer && Volatile.Read(ref _delayTicks) is var delay and > 0)
                {
                    await HoldBackAsync(TimeSpan.FromTicks(delay));
                }

                while (_silence is { } silence)
                {
                    await silence.Task;
                }

                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _ended.Token);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side ended: so does the other.
        }
    }

    /// <summary>Not a moment less: timers count by a clock of several milliseconds' grain, and end that much early.</summary>
    private async Task HoldBackAsync(TimeSpan delay)
    {
        var start = Stopwatch.GetTimestamp();
        while (delay - Stopwatch.GetElapsedTime(start) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), _ended.Token);
        }
    }
}
