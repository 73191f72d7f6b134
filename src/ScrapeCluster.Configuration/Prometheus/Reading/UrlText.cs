namespace ScrapeCluster.Configuration;

/// <summary>Checks URLs as loosely as Prometheus does at load: what Go's parser takes passes, although it may never connect.</summary>
internal static class UrlText
{
    /// <summary>What is wrong with the URL, or null.</summary>
    public static string? FaultOf(string url)
    {
        if (url.AsSpan().ContainsAnyInRange('\0', ' ') && url.Any(char.IsControl))
        {
            return $"parse \"{url}\": net/url: invalid control character in URL";
        }

        var colon = url.IndexOf(':', StringComparison.Ordinal);
        if (colon == 0)
        {
            return $"parse \"{url}\": missing protocol scheme";
        }

        var segment = url.AsSpan(0, url.AsSpan().IndexOfAny('/', '?', '#') is >= 0 and var end ? end : url.Length);
        if (colon > 0 && colon < segment.Length && !IsScheme(url.AsSpan(0, colon)))
        {
            return $"parse \"{url}\": first path segment in URL cannot contain colon";
        }

        return FaultOfAuthority(url);
    }

    /// <summary>Scheme, host (with port) of an absolute URL; empty where the URL has none.</summary>
    public static (string Scheme, string Host) Split(string url)
    {
        var scheme = url.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && IsScheme(url.AsSpan(0, colon)) ? url[..colon] : "";
        var rest = scheme.Length > 0 ? url[(scheme.Length + 1)..] : url;
        if (!rest.StartsWith("//", StringComparison.Ordinal))
        {
            return (scheme.ToLowerInvariant(), "");
        }

        var authority = rest[2..];
        var end = authority.AsSpan().IndexOfAny('/', '?', '#');
        authority = end < 0 ? authority : authority[..end];
        return (scheme.ToLowerInvariant(), authority[(authority.LastIndexOf('@') + 1)..]);
    }

    /// <summary>The URL with a password in it masked, as Prometheus prints URLs.</summary>
    public static string Redact(string url)
    {
        var start = url.IndexOf("//", StringComparison.Ordinal) is >= 0 and var slashes ? slashes + 2 : 0;
        var end = url.AsSpan(start).IndexOfAny('/', '?', '#') is >= 0 and var length ? start + length : url.Length;
        var at = url.LastIndexOf('@', end - 1 < 0 ? 0 : end - 1);
        var colon = url.IndexOf(':', start);
        return at > start && colon >= 0 && colon < at ? $"{url[..colon]}:xxxxx{url[at..]}" : url;
    }

    private static string? FaultOfAuthority(string url)
    {
        var (_, host) = Split(url);
        if (host.Contains(' ', StringComparison.Ordinal))
        {
            return $"parse \"{url}\": invalid character \" \" in host name";
        }

        var port = host.LastIndexOf(':') is >= 0 and var colon && !host.EndsWith(']') ? host[(colon + 1)..] : "";
        return port.All(char.IsAsciiDigit) ? null : $"parse \"{url}\": invalid port \":{port}\" after host";
    }

    private static bool IsScheme(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetter(text[0]))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}
