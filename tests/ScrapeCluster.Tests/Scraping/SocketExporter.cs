using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>A target on a real socket that answers with whatever bytes a test wants, and remembers the requests.</summary>
internal sealed class SocketExporter : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _requests = [];
    private readonly Func<Stream, CancellationToken, Task> _answer;
    private readonly Func<Stream, CancellationToken, Task<Stream>>? _secure;
    private readonly Task _loop;
    private int _connections;

    /// <param name="secure">Does the handshake of a connection, or fails as the handshake fails.</param>
    public SocketExporter(
        Func<Stream, CancellationToken, Task> answer, string? unixSocket = null, Func<Stream, CancellationToken, Task<Stream>>? secure = null)
    {
        _answer = answer;
        _secure = secure;
        _listener = unixSocket is null
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(unixSocket is null ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(unixSocket));
        _listener.Listen(64);
        _loop = AcceptAsync();
    }

    public SocketExporter(string answer, string? unixSocket = null)
        : this((stream, token) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer), token).AsTask(), unixSocket)
    {
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public string Url => $"http{(_secure is null ? "" : "s")}://127.0.0.1:{Port}/metrics";

    public int Connections => Volatile.Read(ref _connections);

    public string[] Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static string Ok(string body, string headers = "Content-Type: text/plain\r\n")
    {
        return $"HTTP/1.1 200 OK\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                connections.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var connection = new NetworkStream(socket, ownsSocket: true);
        var buffer = new byte[16 * 1024];
        var request = new StringBuilder();
        try
        {
            await using var stream = _secure is null ? connection : await _secure(connection, _stop.Token);
            while (await stream.ReadAsync(buffer, _stop.Token) is var read and > 0)
            {
                request.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (!IsWhole(request.ToString()))
                {
                    continue;
                }

                lock (_requests)
                {
                    _requests.Add(request.ToString());
                }

                request.Clear();
                await _answer(stream, _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or AuthenticationException)
        {
            // The scraper hung up, or the test is over.
        }
    }

    private static bool IsWhole(string request)
    {
        const string Length = "\r\nContent-Length: ";
        var body = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        var length = request.IndexOf(Length, StringComparison.Ordinal);
        return body >= 4 && request.Length - body >= (length < 0 ? 0 : int.Parse(request[(length + Length.Length)..].Split('\r')[0]));
    }
}
