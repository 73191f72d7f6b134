using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>A target on a real socket that answers with whatever bytes a test wants, and remembers the requests.</summary>
internal sealed class SocketExporter : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _requests = [];
    private readonly Func<Stream, CancellationToken, Task> _answer;
    private readonly Task _loop;
    private int _connections;

    public SocketExporter(Func<Stream, CancellationToken, Task> answer, string? unixSocket = null)
    {
        _answer = answer;
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

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/metrics";

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
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var buffer = new byte[16 * 1024];
        var request = new StringBuilder();
        try
        {
            while (await stream.ReadAsync(buffer, _stop.Token) is var read and > 0)
            {
                request.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
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
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The scraper hung up, or the test is over.
        }
    }
}
