using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Model;

/// <summary>
/// Regular expressions with RE2's syntax (https://github.com/google/re2/wiki/Syntax) and meaning, anchored at both ends, with
/// <c>.</c> matching newlines too, as Prometheus compiles them.
/// </summary>
/// <remarks>
/// An engine of its own, since .NET's cannot say all of it: <c>\b</c> on ASCII words needs look-around, which the
/// non-backtracking engine refuses; it works on UTF-16, where a code point may be two units; and it takes bytes only after
/// decoding. Time is linear in the input here: a lazily built automaton answers yes or no, a simulation of all threads in
/// step finds the groups.
/// </remarks>
public static class Re2
{
    /// <summary>Compiles a pattern; the fault is in the words of Go's regexp package.</summary>
    public static bool TryCompile(string pattern, [NotNullWhen(true)] out Re2Regex? regex, [NotNullWhen(false)] out string? fault)
    {
        regex = null;
        var parser = new Re2Parser(pattern);
        if (!parser.TryParse(out var node, out fault))
        {
            return false;
        }

        if (!Re2Program.TryCompile(node, out var program))
        {
            fault = $"error parsing regexp: expression too large: `{pattern}`";
            return false;
        }

        regex = new Re2Regex(pattern, program, parser.GroupNames, Re2Shape.Of(node));
        return true;
    }
}
