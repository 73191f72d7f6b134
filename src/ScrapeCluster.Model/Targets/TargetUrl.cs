using System.Text;

namespace ScrapeCluster.Model;

/// <summary>
/// Writes the URL of a target byte for byte as Go's net/url prints it, because the target's hash covers the text:
/// query keys sorted, a blank as <c>+</c>, a path that holds <c>?</c> or blanks percent-encoded.
/// </summary>
internal static class TargetUrl
{
    private const string UnescapedInPath = "-_.~$&+,/:;=@";
    private const string UnescapedInHost = "-_.~!$&'()*+,;=:[]<>\"";
    private const string UnescapedInQuery = "-_.~";

    public static string Write(string scheme, string host, string path, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> query)
    {
        var url = new StringBuilder();
        if (scheme.Length > 0)
        {
            url.Append(scheme).Append(':');
        }

        if (host.Length > 0 || (scheme.Length > 0 && path.Length > 0))
        {
            url.Append("//");
        }

        Escape(url, host, UnescapedInHost);
        if (path.Length > 0 && path[0] != '/' && host.Length > 0)
        {
            url.Append('/');
        }

        if (path == "*")
        {
            url.Append('*');
        }
        else
        {
            Escape(url, path, UnescapedInPath);
        }

        var separator = '?';
        foreach (var (name, values) in query.OrderBy(pair => pair.Key, Utf8Order.Instance))
        {
            foreach (var value in values)
            {
                Escape(url.Append(separator), name, UnescapedInQuery, plusForBlank: true);
                Escape(url.Append('='), value, UnescapedInQuery, plusForBlank: true);
                separator = '&';
            }
        }

        return url.ToString();
    }

    private static void Escape(StringBuilder url, string text, string unescaped, bool plusForBlank = false)
    {
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || unescaped.Contains(c, StringComparison.Ordinal))
            {
                url.Append(c);
            }
            else if (c == ' ' && plusForBlank)
            {
                url.Append('+');
            }
            else
            {
                url.Append('%').Append(Convert.ToHexString([b]));
            }
        }
    }
}
