namespace ScrapeCluster.Configuration;

/// <summary>Reads <c>http_headers</c>: for each name plain values, secrets and files.</summary>
internal static class HttpHeadersReader
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Authorization", "Host", "Content-Encoding", "Content-Length", "Content-Type", "User-Agent", "Connection", "Keep-Alive", "Accept-Encoding",
        "Proxy-Authenticate", "Proxy-Authorization", "Www-Authenticate", "X-Prometheus-Remote-Write-Version", "X-Prometheus-Remote-Read-Version",
        "X-Prometheus-Scrape-Timeout-Seconds", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256",
    };

    public static ValueList<HttpHeaderConfig> Read(Section section)
    {
        var headers = new List<HttpHeaderConfig>();
        foreach (var (key, value) in section.Map("http_headers"))
        {
            var name = key.AsString();
            if (Reserved.Contains(name))
            {
                value.Fault($"setting header \"{name}\" is not allowed");
            }

            if (value.AsSection() is { } header)
            {
                headers.Add(new(name, header.Strings("values"), [.. header.List("secrets").Select(s => new Secret(s.AsString()))], ReadFiles(header)));
                header.Finish();
            }
        }

        return headers.ToValueList();
    }

    private static ValueList<string> ReadFiles(Section header)
    {
        var files = new List<string>();
        foreach (var item in header.List("files"))
        {
            files.Add(item.AsFile());
        }

        return files.ToValueList();
    }
}
