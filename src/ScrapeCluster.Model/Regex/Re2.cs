using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace ScrapeCluster.Model;

/// <summary>Regular expressions with RE2's syntax and meaning, anchored at both ends.</summary>
public static class Re2
{
    public static bool TryCompile(string pattern, [NotNullWhen(true)] out Re2Regex? regex, [NotNullWhen(false)] out string? fault)
    {
        regex = null;
        fault = null;
        try
        {
            regex = new Re2Regex(pattern, new Regex($"\\A(?s:{pattern})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            fault = $"error parsing regexp: {e.Message}";
            return false;
        }
    }
}

/// <summary>A compiled pattern; matches only the whole input.</summary>
public sealed class Re2Regex(string pattern, System.Text.RegularExpressions.Regex regex)
{
    public string Pattern => pattern;

    /// <summary>Number of capture groups, the whole match not counted.</summary>
    public int GroupCount => regex.GetGroupNumbers().Length - 1;

    /// <summary>The only inputs that match, when the pattern is a plain list such as <c>a|b</c>; else null.</summary>
    public IReadOnlyList<string>? Literals => null;

    public bool IsMatch(string input) => regex.IsMatch(input);

    public bool IsMatch(ReadOnlySpan<char> input) => regex.IsMatch(input);

    public bool IsMatch(ReadOnlySpan<byte> utf8) => regex.IsMatch(Encoding.UTF8.GetString(utf8));

    /// <summary>Fills in start and end of the whole match and of each group, in bytes; -1 for a group that took no part.</summary>
    public bool TryMatch(ReadOnlySpan<byte> utf8, Span<int> groups)
    {
        var match = regex.Match(Encoding.UTF8.GetString(utf8));
        for (var i = 0; i <= GroupCount && match.Success; i++)
        {
            groups[2 * i] = match.Groups[i].Success ? match.Groups[i].Index : -1;
            groups[(2 * i) + 1] = match.Groups[i].Index + match.Groups[i].Length;
        }

        return match.Success;
    }

    /// <summary>The number of a named group, or -1.</summary>
    public int GroupNumber(string name) => regex.GroupNumberFromName(name);
}
