using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>
/// HTTP/1.1 by hand on a port of this machine, for senders of bodies with a length: it can do to a connection what no HTTP library would, and takes any host name.
/// </summary>
internal sealed class WireServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<WireRequest, Task<WireAnswer>> _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private readonly Lock _guard = new();
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _telling;
    private bool _isEnding;

    /// <param name="address">Of this machine; loopback by default.</param>
    public WireServer(Func<WireRequest, Task<WireAnswer>> answer, int? port = null, IPAddress? address = null)
    {
        _answer = answer;
        Port = port ?? Ports.Free();
        _listener = new TcpListener(address ?? IPAddress.Loopback, Port);
        _listener.Start();
        _run = Task.Run(RunAsync);
    }

    public int Port { get; }

    /// <summary>With one, connections from now on are TLS, and this is what they are shown.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Connections whose request's head was just read are reset instead, so many times.</summary>
    public int Resets { get; set; }

    /// <summary>Answers on their way are still told: nobody is left to guess whether a request was taken.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_guard)
        {
            _isEnding = true;
            EndWhenAllIsTold();
        }

        await _told.Task;
        await _stop.CancelAsync();
        _listener.Stop();
        await _run;
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = Task.Run(() => ServeAsync(client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The end, or a client that was gone before it was served.
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (_stop.Token.Register(client.Close))
        {
            try
            {
                client.NoDelay = true;
                await using var stream = await OpenAsync(client);
                var buffer = new byte[16 * 1024];
                var filled = 0;
                while (true)
                {
                    int headEnd;
                    while ((headEnd = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
                    {
                        var count = await stream.ReadAsync(buffer.AsMemory(filled));
                        if (count == 0)
                        {
                            return;
                        }

                        filled += count;
                    }

                    var request = WireRequest.Parse(Encoding.Latin1.GetString(buffer, 0, headEnd));
                    if (IsToReset())
                    {
                        client.LingerState = new LingerOption(true, 0);
                        return;
                    }

                    var body = new byte[request.BodyLength];
                    var start = Math.Min(filled - headEnd - 4, body.Length);
                    buffer.AsSpan(headEnd + 4, start).CopyTo(body);
                    await stream.ReadExactlyAsync(body.AsMemory(start));
                    filled = 0; // nobody sends the next request before this one is answered

                    var answer = await _answer(request with { Body = body, From = ((IPEndPoint)client.Client.RemoteEndPoint!).Address.ToString() });
                    if (!await TellAsync(stream, answer))
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // The client went away: what it did is judged elsewhere.
            }
        }
    }

    /// <summary>False when the connection is to be closed instead.</summary>
    private async Task<bool> TellAsync(Stream stream, WireAnswer answer)
    {
        lock (_guard)
        {
            if (_isEnding)
            {
                return false;
            }

            _telling++;
        }

        try
        {
            answer.Told?.Invoke();
            if (answer.Status != 0)
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer.ToString()));
            }

            return answer.Status != 0;
        }
        finally
        {
            lock (_guard)
            {
                _telling--;
                EndWhenAllIsTold();
            }
        }
    }

    private void EndWhenAllIsTold()
    {
        if (_isEnding && _telling == 0)
        {
            _told.TrySetResult();
        }
    }

    private bool IsToReset()
    {
        lock (_guard)
        {
            return Resets > 0 && Resets-- > 0;
        }
    }

    private async Task<Stream> OpenAsync(TcpClient client)
    {
        if (Certificate is not { } certificate)
        {
            return client.GetStream();
        }

        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(certificate);
        return tls;
    }
}

internal sealed record WireRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    public byte[] Body { get; init; } = [];

    /// <summary>The sender's address.</summary>
    public string From { get; init; } = "";

    public int BodyLength => int.Parse(Headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture);

    public static WireRequest Parse(string head)
    {
        var lines = head.Split("\r\n");
        var first = lines[0].Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return new WireRequest(first[0], first[1].Split('?')[0], headers);
    }
}

/// <param name="Status">0 closes the connection without a word.</param>
/// <param name="Told">Just before the answer leaves; not when the server ends before that.</param>
internal sealed record WireAnswer(int Status, string Headers = "", Action? Told = null)
{
    /// <summary>Of one byte a character; 204 has none.</summary>
    public string Body { get; init; } = "";

    public override string ToString() => Status == 204
        ? $"HTTP/1.1 204 No Content\r\n{Headers}\r\n"
        : $"HTTP/1.1 {Status} Told\r\n{Headers}Content-Length: {Body.Length}\r\n\r\n{Body}";
}
