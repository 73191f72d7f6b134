using System.Net;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// Destinations that need no proxy, as golang.org/x/net/http/httpproxy reads NO_PROXY: hosts with their subdomains, <c>.domains</c> without the host itself,
/// addresses, networks, each of the names with an optional port. This host is never proxied.
/// </summary>
internal sealed class NoProxyList(string text)
{
    private readonly string[] _entries = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public bool Contains(Uri destination) => IsThisHost(HostOf(destination)) || Array.Exists(_entries, entry => Matches(entry, destination));

    private static string HostOf(Uri destination) => destination.Host.Trim('[', ']');

    private static bool IsThisHost(string host)
    {
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }

    private static bool Matches(string entry, Uri destination)
    {
        if (entry == "*")
        {
            return true;
        }

        var host = HostOf(destination);
        if (IPNetwork.TryParse(entry, out var network))
        {
            return IPAddress.TryParse(host, out var inNetwork) && network.Contains(inNetwork);
        }

        if (IPAddress.TryParse(entry.Trim('[', ']'), out var listed))
        {
            return IPAddress.TryParse(host, out var address) && address.Equals(listed);
        }

        var colon = entry.LastIndexOf(':');
        if (colon > 0 && int.TryParse(entry.AsSpan(colon + 1), out var port))
        {
            if (port != destination.Port)
            {
                return false;
            }

            entry = entry[..colon];
        }

        return MatchesName(entry.StartsWith("*.", StringComparison.Ordinal) ? entry[1..] : entry, host);
    }

    private static bool MatchesName(string name, string host)
    {
        return name.StartsWith('.')
            ? host.EndsWith(name, StringComparison.OrdinalIgnoreCase)
            : host.Equals(name.Trim('[', ']'), StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase);
    }
}
