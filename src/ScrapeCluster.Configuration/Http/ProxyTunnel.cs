using System.Net;
using System.Text;

namespace ScrapeCluster.Configuration.Http;

/// <summary>Asks an HTTP proxy for a tunnel (RFC 9110, section 9.3.6).</summary>
internal static class ProxyTunnel
{
    private const int LongestAnswerBytes = 16 * 1024;

    public static async ValueTask OpenAsync(
        Stream stream, ProxyServer server, DnsEndPoint destination, ValueList<ProxyHeader> headers, CancellationToken cancellationToken)
    {
        var authority = destination.Host.Contains(':', StringComparison.Ordinal) ? $"[{destination.Host}]:{destination.Port}" : $"{destination.Host}:{destination.Port}";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(Request(authority, server, headers)), cancellationToken);
        var status = await ReadStatusAsync(stream, cancellationToken);
        var words = status.Split(' ', 3);
        if (words.Length < 2 || words[1] != "200")
        {
            throw new HttpRequestException(HttpRequestError.ProxyTunnelError, $"proxyconnect: proxy {server.Url.Authority} answered CONNECT {authority} with \"{status}\"");
        }
    }

    private static string Request(string authority, ProxyServer server, ValueList<ProxyHeader> headers)
    {
        var request = new StringBuilder($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        if (server.Authorization is { } authorization && !headers.Any(static header => header.Name.Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase)))
        {
            request.Append("Proxy-Authorization: ").Append(authorization).Append("\r\n");
        }

        foreach (var header in headers)
        {
            foreach (var value in header.Values)
            {
                // A line break would end the header.
                request.Append(header.Name).Append(": ").Append(value.Reveal().ReplaceLineEndings(" ")).Append("\r\n");
            }
        }

        return request.Append("\r\n").ToString();
    }

    /// <summary>Byte by byte up to the empty line: what follows it belongs to the tunnel.</summary>
    private static async ValueTask<string> ReadStatusAsync(Stream stream, CancellationToken cancellationToken)
    {
        var answer = new List<byte>();
        var one = new byte[1];
        while (answer.Count < LongestAnswerBytes && await stream.ReadAsync(one, cancellationToken) > 0)
        {
            answer.Add(one[0]);
            if (one[0] == '\n' && answer is [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'])
            {
                break;
            }
        }

        var text = Encoding.Latin1.GetString([.. answer]);
        return text[..(text.IndexOf('\r', StringComparison.Ordinal) is >= 0 and var end ? end : text.Length)];
    }
}
