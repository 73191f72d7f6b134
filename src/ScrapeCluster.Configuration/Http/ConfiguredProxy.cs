using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// Which proxy serves which URL: proxy_url with no_proxy, or the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Plain requests go through the handler's
/// own proxy support; tunnels for TLS are opened by <see cref="Dialer"/>, since the handler sends no proxy_connect_header.
/// </summary>
internal sealed class ConfiguredProxy : IWebProxy
{
    private readonly ProxyServer? _forHttp;
    private readonly ProxyServer? _forHttps;
    private readonly NoProxyList? _exceptions;

    private ConfiguredProxy(ProxyServer? forHttp, ProxyServer? forHttps, NoProxyList? exceptions, ValueList<ProxyHeader> connectHeaders)
    {
        _forHttp = forHttp;
        _forHttps = forHttps;
        _exceptions = exceptions;
        ConnectHeaders = connectHeaders;
        // Those for HTTP are sent unasked, as Go sends them; the handler's own wait for a challenge.
        Credentials = (forHttps ?? forHttp) is { SpeaksHttp: false, Authorization: not null } socks ? new NetworkCredential(socks.User, socks.Password) : null;
    }

    public ICredentials? Credentials { get; set; }

    public ValueList<ProxyHeader> ConnectHeaders { get; }

    /// <summary>Without a fault and without a proxy everything is dialled directly.</summary>
    /// <param name="environment">Reads a variable; null when it is not set.</param>
    public static bool TryCreate(ProxyConfig config, Func<string, string?> environment, out ConfiguredProxy? proxy, [NotNullWhen(false)] out string? fault)
    {
        proxy = null;
        fault = null;
        ProxyServer? forHttp = null;
        ProxyServer? forHttps = null;
        NoProxyList? exceptions = null;
        if (config.ProxyFromEnvironment)
        {
            if (!TryReadVariable(environment, "HTTP_PROXY", out forHttp, out fault) || !TryReadVariable(environment, "HTTPS_PROXY", out forHttps, out fault))
            {
                return false;
            }

            exceptions = new NoProxyList(Variable(environment, "NO_PROXY"));
        }
        else if (config.ProxyUrl.Length > 0)
        {
            if (!ProxyServer.TryParse(config.ProxyUrl, "proxy_url", out forHttp, out fault))
            {
                return false;
            }

            forHttps = forHttp;
            exceptions = config.NoProxy.Length > 0 ? new NoProxyList(config.NoProxy) : null;
        }

        proxy = (forHttp ?? forHttps) is null ? null : new ConfiguredProxy(forHttp, forHttps, exceptions, config.ConnectHeaders);
        return true;
    }

    /// <summary>Null when the URL is dialled directly.</summary>
    public ProxyServer? For(Uri destination)
    {
        var server = destination.Scheme == Uri.UriSchemeHttps ? _forHttps : _forHttp;
        return server is null || _exceptions?.Contains(destination) == true ? null : server;
    }

    /// <summary>The proxy to ask for a tunnel; null when the URL is dialled directly or the handler does it.</summary>
    public ProxyServer? TunnelFor(Uri destination) => destination.Scheme == Uri.UriSchemeHttps && For(destination) is { SpeaksHttp: true } server ? server : null;

    public Uri? GetProxy(Uri destination) => For(destination)?.Url;

    public bool IsBypassed(Uri host) => For(host) is null || TunnelFor(host) is not null;

    private static bool TryReadVariable(Func<string, string?> environment, string name, out ProxyServer? server, [NotNullWhen(false)] out string? fault)
    {
        server = null;
        fault = null;
        var text = Variable(environment, name);
        return text.Length == 0 || ProxyServer.TryParse(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", name, out server, out fault);
    }

    private static string Variable(Func<string, string?> environment, string name)
    {
        return environment(name) is { Length: > 0 } upper ? upper : environment(name.ToLowerInvariant()) ?? "";
    }
}
