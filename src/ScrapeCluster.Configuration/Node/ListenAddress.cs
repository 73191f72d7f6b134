using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace ScrapeCluster.Configuration.Node;

/// <summary><c>host:port</c> as Prometheus writes it: an empty host is every interface, port 0 is any free one.</summary>
public sealed record ListenAddress(string Host, int Port)
{
    public const string Form = "host:port with an IP address, \"localhost\" or nothing as host and a port from 0 to 65535, e.g. 127.0.0.1:9095 or [::]:9095";

    /// <summary>Whether every interface is meant.</summary>
    public bool IsAny => Host.Length == 0;

    public bool IsLocalhost => string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address under which this machine itself reaches the listener.</summary>
    public ListenAddress FromHere => IsAny || Host is "0.0.0.0" or "::" ? this with { Host = "127.0.0.1" } : this;

    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > IPEndPoint.MaxPort)
        {
            return false;
        }

        var host = text[..colon];
        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        var bare = bracketed ? host[1..^1] : host;
        var known = bare.Length == 0
            ? !bracketed
            : string.Equals(bare, "localhost", StringComparison.OrdinalIgnoreCase)
                ? !bracketed
                : IPAddress.TryParse(bare, out _) && bare.Contains(':', StringComparison.Ordinal) == bracketed;
        if (!known)
        {
            return false;
        }

        address = new ListenAddress(bare, port);
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
