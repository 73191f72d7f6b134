using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ScrapeCluster.Configuration.Http;

/// <summary>proxy_url with no_proxy, read as Go's golang.org/x/net/http/httpproxy reads NO_PROXY: hosts, domains, addresses, networks, each with an optional port.</summary>
internal sealed class ConfiguredProxy : IWebProxy
{
    private readonly Uri _proxy;
    private readonly string[] _exceptions;

    private ConfiguredProxy(Uri proxy, string noProxy)
    {
        _proxy = proxy;
        _exceptions = noProxy.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var user = Uri.UnescapeDataString(proxy.UserInfo).Split(':', 2);
        Credentials = proxy.UserInfo.Length == 0 ? null : new NetworkCredential(user[0], user.Length > 1 ? user[1] : "");
    }

    public ICredentials? Credentials { get; set; }

    /// <summary>Null when no proxy is to be used.</summary>
    public static bool TryCreate(ProxyConfig config, out IWebProxy? proxy, [NotNullWhen(false)] out string? fault)
    {
        proxy = null;
        fault = null;
        if (config.ConnectHeaders.Count > 0)
        {
            fault = "proxy_connect_header is not supported by this version: put user and password into proxy_url";
        }
        else if (config.ProxyFromEnvironment)
        {
            proxy = HttpClient.DefaultProxy;
        }
        else if (config.ProxyUrl.Length > 0)
        {
            if (Uri.TryCreate(config.ProxyUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "socks5")
            {
                proxy = new ConfiguredProxy(uri, config.NoProxy);
            }
            else
            {
                fault = $"proxy_url \"{config.ProxyUrl}\" is not a URL of scheme http, https or socks5";
            }
        }

        return fault is null;
    }

    public Uri GetProxy(Uri destination) => _proxy;

    public bool IsBypassed(Uri host) => Array.Exists(_exceptions, exception => Matches(exception, host));

    private static bool Matches(string exception, Uri destination)
    {
        if (exception == "*")
        {
            return true;
        }

        if (exception.Contains('/') && IPNetwork.TryParse(exception, out var network))
        {
            return IPAddress.TryParse(destination.Host.Trim('[', ']'), out var address) && network.Contains(address);
        }

        var colon = exception.LastIndexOf(':');
        var hasPort = colon > 0 && exception.IndexOf(':') == colon && int.TryParse(exception.AsSpan(colon + 1), out var port) && port > 0;
        if (hasPort && !destination.Authority.EndsWith(exception[colon..], StringComparison.Ordinal))
        {
            return false;
        }

        var name = (hasPort ? exception[..colon] : exception).TrimStart('*');
        var host = destination.Host.Trim('[', ']');
        return name.StartsWith('.')
            ? host.EndsWith(name, StringComparison.OrdinalIgnoreCase)
            : host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase);
    }
}
