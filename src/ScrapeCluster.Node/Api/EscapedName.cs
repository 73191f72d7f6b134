using System.Globalization;
using System.Text;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// Names in paths that do not fit a URL come in the "values" escaping: prefix <c>U__</c>, <c>__</c> for an underscore and
/// <c>_HEX_</c> for another code point (https://prometheus.io/docs/instrumenting/escaping_schemes/).
/// </summary>
internal static class EscapedName
{
    private const string Prefix = "U__";

    /// <summary>The name as it is when it is not escaped, or not correctly.</summary>
    public static string Decode(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return name;
        }

        var decoded = new StringBuilder(name.Length);
        for (var i = Prefix.Length; i < name.Length; i++)
        {
            if (name[i] != '_')
            {
                decoded.Append(name[i]);
                continue;
            }

            var end = name.IndexOf('_', i + 1);
            if (end < 0)
            {
                return name;
            }

            if (end == i + 1)
            {
                decoded.Append('_');
            }
            else if (int.TryParse(name.AsSpan(i + 1, end - i - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var codePoint)
                && Rune.IsValid(codePoint))
            {
                decoded.Append(new Rune(codePoint));
            }
            else
            {
                return name;
            }

            i = end;
        }

        return decoded.ToString();
    }
}
