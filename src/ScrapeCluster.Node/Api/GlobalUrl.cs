using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// A scrape URL as somebody elsewhere would write it: a loopback host becomes the node's external host, and the node's own
/// address becomes its external address whole.
/// </summary>
internal static class GlobalUrl
{
    public static string Of(string scrapeUrl, NodeContext node)
    {
        if (!Uri.TryCreate(scrapeUrl, UriKind.Absolute, out var url) || !IsLoopback(url.Host))
        {
            return scrapeUrl;
        }

        var external = node.ExternalUrl;
        var port = url.IsDefaultPort && !scrapeUrl.Contains($"{url.Host}:{url.Port}", StringComparison.Ordinal) ? -1 : url.Port;
        var isOwn = port == node.Settings.Web.ListenAddress.Port;
        var host = isOwn ? external.Authority : port < 0 ? external.Host : $"{external.Host}:{port}";
        var start = scrapeUrl.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = scrapeUrl.IndexOf('/', start);
        return (isOwn ? external.Scheme + "://" : scrapeUrl[..start]) + host + (end < 0 ? "" : scrapeUrl[end..]);
    }

    private static bool IsLoopback(string host) => host is "localhost" or "127.0.0.1" or "[::1]" or "::1";
}
