namespace ScrapeCluster.Configuration;

/// <summary>Reads the proxy settings that stand inline in HTTP client settings.</summary>
internal static class ProxyReader
{
    public static ProxyConfig Read(Section section)
    {
        var proxy = new ProxyConfig
        {
            ProxyUrl = ReadUrl(section),
            NoProxy = section.String("no_proxy"),
            ProxyFromEnvironment = section.Bool("proxy_from_environment"),
            ConnectHeaders = [.. section.Map("proxy_connect_header").Select(h => new ProxyHeader(h.Key.AsString(), ReadSecrets(h.Value)))],
        };
        Check(section, proxy);
        return proxy;
    }

    private static string ReadUrl(Section section)
    {
        if (section.Find("proxy_url") is not { } value)
        {
            return "";
        }

        var url = value.AsString();
        if (UrlText.FaultOf(url) is { } fault)
        {
            value.Fault(fault);
        }

        return url;
    }

    private static ValueList<Secret> ReadSecrets(YamlValue value) => [.. value.AsList().Select(item => new Secret(item.AsString()))];

    private static void Check(Section section, ProxyConfig proxy)
    {
        var hasUrl = proxy.ProxyUrl.Length > 0;
        if (proxy.ConnectHeaders.Count > 0 && !proxy.ProxyFromEnvironment && !hasUrl)
        {
            section.FaultAt("proxy_connect_header", "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured");
        }

        if (proxy.ProxyFromEnvironment && hasUrl)
        {
            section.FaultAt("proxy_url", "if proxy_from_environment is configured, proxy_url must not be configured");
        }

        if (proxy.ProxyFromEnvironment && proxy.NoProxy.Length > 0)
        {
            section.FaultAt("no_proxy", "if proxy_from_environment is configured, no_proxy must not be configured");
        }

        if (!proxy.ProxyFromEnvironment && !hasUrl && proxy.NoProxy.Length > 0)
        {
            section.FaultAt("no_proxy", "if no_proxy is configured, proxy_url must also be configured");
        }
    }
}
