using System.Text;

namespace ScrapeCluster.Configuration;

/// <summary>
/// Expands <c>${NAME}</c> and <c>$NAME</c>; <c>$$</c> is one dollar, and a dollar before anything else stays. The rules are
/// those of Go's <c>os.Expand</c>, which Prometheus applies to the values of <c>external_labels</c>.
/// </summary>
internal static class EnvironmentText
{
    public static string Expand(string text, Func<string, string> lookup)
    {
        var expanded = new StringBuilder();
        var rest = text.AsSpan();
        for (var dollar = rest.IndexOf('$'); dollar >= 0 && dollar + 1 < rest.Length; dollar = rest.IndexOf('$'))
        {
            expanded.Append(rest[..dollar]);
            rest = rest[(dollar + 1)..];
            var (name, length) = TakeName(rest);
            rest = rest[length..];
            if (name.Length > 0)
            {
                expanded.Append(name == "$" ? name : lookup(name));
            }
            else if (length == 0)
            {
                expanded.Append('$');
            }
        }

        return expanded.Append(rest).ToString();
    }

    /// <summary>The name that stands here, and how much text it takes; malformed braces take text and give no name.</summary>
    private static (string Name, int Length) TakeName(ReadOnlySpan<char> text)
    {
        if (text[0] == '{')
        {
            var end = text.IndexOf('}');
            return end < 0 ? ("", 1) : (text[1..end].ToString(), end + 1);
        }

        if (text[0] is '*' or '#' or '$' or '@' or '!' or '?' or '-' || char.IsAsciiDigit(text[0]))
        {
            return (text[..1].ToString(), 1);
        }

        var length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] == '_'))
        {
            length++;
        }

        return (text[..length].ToString(), length);
    }
}
