namespace ScrapeCluster.Configuration;

/// <summary>Reads an entry of <c>http_sd_configs</c>.</summary>
internal static class HttpSdReader
{
    public static HttpSdConfig Read(Section section)
    {
        var url = section.String("url");
        Check(section, url);
        var refresh = section.Duration("refresh_interval", HttpSdConfig.DefaultRefreshInterval);
        var client = HttpClientReader.Read(section);
        section.Finish();
        return new(url, refresh, client);
    }

    private static void Check(Section section, string url)
    {
        var (scheme, host) = UrlText.Split(url);
        if (url.Length == 0)
        {
            section.FaultAt("url", "URL is missing");
        }
        else if (UrlText.FaultOf(url) is { } fault)
        {
            section.FaultAt("url", fault);
        }
        else if (scheme is not ("http" or "https"))
        {
            section.FaultAt("url", "URL scheme must be 'http' or 'https'");
        }
        else if (host.Length == 0)
        {
            section.FaultAt("url", "host is missing in URL");
        }
    }
}
