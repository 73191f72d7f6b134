using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ScrapeCluster.Configuration.Http;

/// <param name="Url">Without user and password.</param>
/// <param name="Authorization">Value of Proxy-Authorization; null when the URL names no user.</param>
internal sealed record ProxyServer(Uri Url, string User, string Password, string? Authorization)
{
    /// <summary>SOCKS is spoken by the handler itself.</summary>
    public bool SpeaksHttp => Url.Scheme is "http" or "https";

    /// <param name="setting">Where the text comes from, for the fault.</param>
    public static bool TryParse(string text, string setting, [NotNullWhen(true)] out ProxyServer? server, [NotNullWhen(false)] out string? fault)
    {
        server = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "socks5") || url.Host.Length == 0)
        {
            fault = $"{setting} \"{UrlText.Redact(text)}\" is not a URL of scheme http, https or socks5";
            return false;
        }

        fault = null;
        var user = url.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        var password = user.Length > 1 ? user[1] : "";
        var authorization = url.UserInfo.Length == 0 ? null : $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user[0]}:{password}"))}";
        server = new ProxyServer(new Uri($"{url.Scheme}://{url.Authority}"), user[0], password, authorization);
        return true;
    }
}
