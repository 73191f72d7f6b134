using System.Net.Sockets;
using System.Security.Authentication;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// Failures of an exchange in the words that users of Prometheus search for: <c>connection refused</c>, <c>context deadline exceeded</c>,
/// <c>no such host</c>.
/// </summary>
public static class HttpFaultText
{
    /// <param name="timedOut">The token that ended the exchange was the time-out's.</param>
    public static string Describe(Exception exception, Uri url, bool timedOut, string method = "Get")
    {
        return $"{method} \"{UrlText.Redact(url.OriginalString)}\": {(timedOut ? "context deadline exceeded" : Reason(exception, url))}";
    }

    /// <summary>Such as <c>server returned HTTP status 404 Not Found</c>.</summary>
    public static string Status(HttpResponseMessage response)
    {
        return $"server returned HTTP status {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();
    }

    public static string NotAUrl(string text) => $"parse \"{UrlText.Redact(text)}\": not a URL";

    private static string Reason(Exception exception, Uri url)
    {
        var innermost = exception;
        while (innermost.InnerException is not null && innermost is not (SocketException or AuthenticationException))
        {
            innermost = innermost.InnerException;
        }

        return innermost switch
        {
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }
                => $"dial tcp: lookup {url.Host}: no such host",
            SocketException socket when IsDialling(exception) => $"dial tcp {url.Authority}: connect: {Words(socket)}",
            SocketException socket => $"read tcp {url.Authority}: {Words(socket)}",
            AuthenticationException tls => $"{(IsWorded(tls.Message) ? "" : "tls: handshake failed: ")}{tls.Message}",
            HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => "unexpected EOF",
            _ => innermost.Message,
        };
    }

    private static bool IsDialling(Exception exception)
    {
        return exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
    }

    private static bool IsWorded(string message) => message.StartsWith("tls: ", StringComparison.Ordinal) || message.StartsWith("net/http: ", StringComparison.Ordinal);

    internal static string Words(SocketException socket) => socket.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "connection reset by peer",
        SocketError.TimedOut => "i/o timeout",
        SocketError.HostUnreachable => "no route to host",
        SocketError.NetworkUnreachable => "network is unreachable",
        SocketError.AddressNotAvailable when socket.NativeErrorCode == 2 => "no such file or directory",
        _ => socket.Message.ToLowerInvariant(),
    };
}
