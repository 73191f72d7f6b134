using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ScrapeCluster.LoadGenerator;

/// <summary>One kept-alive HTTP/1.1 connection: as little of the protocol as scrapers and remote writers need.</summary>
internal sealed class LoadConnection(Socket socket, PageRenderer pages, LoadCounters counters)
{
    private const string OkHeader = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: ";
    private const int HeaderRoom = 160;

    /// <summary>A sender of remote write 2.0 wants to hear what was written: as much as anyone sends.</summary>
    private static readonly byte[] PostAnswer = "HTTP/1.1 204 No Content\r\nX-Prometheus-Remote-Write-Samples-Written: 2147483647\r\n\r\n"u8.ToArray();

    private byte[] _input = new byte[4096];
    private int _inputLength;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            socket.NoDelay = true;
            while (await AnswerOneAsync(stop))
            {
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The scraper went away, or the generator is ending: nothing is owed to either.
        }
        finally
        {
            socket.Dispose();
        }
    }

    private async ValueTask<bool> AnswerOneAsync(CancellationToken stop)
    {
        int headerLength;
        while ((headerLength = _input.AsSpan(0, _inputLength).IndexOf("\r\n\r\n"u8) + 4) < 4)
        {
            if (!await ReceiveAsync(stop))
            {
                return false;
            }
        }

        var (isGet, path, bodyLength) = ReadHead(_input.AsSpan(0, headerLength));
        if (!await SkipAsync(headerLength, bodyLength, stop))
        {
            return false;
        }

        if (!isGet)
        {
            counters.AddPost(bodyLength);
            await socket.SendAsync(PostAnswer, stop);
            return true;
        }

        await SendAnswerAsync(path, stop);
        return true;
    }

    private static (bool IsGet, string Path, int BodyLength) ReadHead(ReadOnlySpan<byte> head)
    {
        var lines = Encoding.ASCII.GetString(head).Split("\r\n");
        var length = lines.FirstOrDefault(l => l.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase)) is { } line
            ? int.Parse(line.AsSpan(15), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture)
            : 0;
        return (lines[0].StartsWith("GET ", StringComparison.Ordinal), lines[0].Split(' ')[1], length);
    }

    /// <summary>Drops the head and the body from the input, receiving what is not there yet.</summary>
    private async ValueTask<bool> SkipAsync(int headerLength, int bodyLength, CancellationToken stop)
    {
        var left = headerLength + bodyLength;
        while (left > _inputLength)
        {
            left -= _inputLength;
            _inputLength = 0;
            if (!await ReceiveAsync(stop))
            {
                return false;
            }
        }

        _input.AsSpan(left, _inputLength - left).CopyTo(_input);
        _inputLength -= left;
        return true;
    }

    private async ValueTask<bool> ReceiveAsync(CancellationToken stop)
    {
        if (_inputLength == _input.Length)
        {
            Array.Resize(ref _input, _input.Length * 2);
        }

        var received = await socket.ReceiveAsync(_input.AsMemory(_inputLength), stop);
        _inputLength += received;
        return received > 0;
    }

    private async ValueTask SendAnswerAsync(string path, CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(HeaderRoom + pages.LongestPageBytes);
        try
        {
            var bodyLength = path == "/stats"
                ? Encoding.ASCII.GetBytes(counters.ToJson(), buffer.AsSpan(HeaderRoom))
                : RenderPage(path, buffer.AsSpan(HeaderRoom));
            var header = string.Create(CultureInfo.InvariantCulture, $"{OkHeader}{bodyLength}\r\n\r\n");
            var start = HeaderRoom - header.Length;
            Encoding.ASCII.GetBytes(header, buffer.AsSpan(start));
            await socket.SendAsync(buffer.AsMemory(start, header.Length + bodyLength), stop);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private int RenderPage(string path, Span<byte> destination)
    {
        _ = int.TryParse(path.AsSpan(path.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var target);
        counters.AddScrape();
        return pages.Render(target, destination);
    }
}
