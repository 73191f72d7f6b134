using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Model;

/// <summary>
/// Series selectors: <c>up</c>, <c>up{job=~"a|b"}</c>, <c>{"metric.name", "label.name"!="x",}</c>. A fault is a text with the
/// place, counted in characters from one.
/// </summary>
public static class SelectorParser
{
    public const string NeedsNonEmptyMatcher = "match[] must contain at least one non-empty matcher";

    public static bool TryParse(string text, [NotNullWhen(true)] out IReadOnlyList<LabelMatcher>? matchers, [NotNullWhen(false)] out string? fault)
    {
        matchers = null;
        var scanner = new SelectorScanner(text);
        var found = new List<LabelMatcher>();
        fault = ParseSelector(ref scanner, found);
        if (fault is not null)
        {
            fault = $"1:{scanner.At + 1}: parse error: {fault}";
            return false;
        }

        if (found.TrueForAll(matcher => matcher.MatchesEmpty))
        {
            fault = NeedsNonEmptyMatcher;
            return false;
        }

        matchers = found;
        return true;
    }

    private static string? ParseSelector(ref SelectorScanner scanner, List<LabelMatcher> found)
    {
        scanner.SkipBlanks();
        var name = scanner.TakeName(colons: true);
        scanner.SkipBlanks();
        if (scanner.TryTake('{'))
        {
            if (ParseMatchers(ref scanner, found, ref name) is { } fault)
            {
                return fault;
            }
        }
        else if (name.Length == 0)
        {
            return $"unexpected {scanner.Describe()}, expected a metric name or \"{{\"";
        }

        scanner.SkipBlanks();
        if (!scanner.IsAtEnd)
        {
            return $"unexpected {scanner.Describe()} after the selector";
        }

        if (name.Length > 0)
        {
            found.Add(LabelMatcher.Equal(Labels.MetricName, name));
        }

        return null;
    }

    private static string? ParseMatchers(ref SelectorScanner scanner, List<LabelMatcher> found, ref string name)
    {
        var budget = new PatternBudget();
        while (true)
        {
            scanner.SkipBlanks();
            if (scanner.TryTake('}'))
            {
                return null;
            }

            if (ParseMatcher(ref scanner, found, ref name, ref budget) is { } fault)
            {
                return fault;
            }

            scanner.SkipBlanks();
            if (!scanner.TryTake(',') && !scanner.IsAt('}'))
            {
                return $"unexpected {scanner.Describe()} in label matching, expected \",\" or \"}}\"";
            }
        }
    }

    private static string? ParseMatcher(ref SelectorScanner scanner, List<LabelMatcher> found, ref string name, ref PatternBudget budget)
    {
        var isQuoted = scanner.IsAtQuote;
        string label;
        if (isQuoted)
        {
            if (!scanner.TryTakeString(out label, out var fault))
            {
                return fault;
            }
        }
        else
        {
            label = scanner.TakeName(colons: false);
        }

        if (label.Length == 0 && !isQuoted)
        {
            return $"unexpected {scanner.Describe()} in label matching, expected identifier or \"}}\"";
        }

        scanner.SkipBlanks();
        if (!scanner.TryTakeOperator(out var op))
        {
            return isQuoted && (scanner.IsAt(',') || scanner.IsAt('}'))
                ? SetName(ref name, label)
                : $"unexpected {scanner.Describe()} in label matching, expected label matching operator";
        }

        scanner.SkipBlanks();
        if (!scanner.IsAtQuote)
        {
            return $"unexpected {scanner.Describe()} in label matching, expected string";
        }

        if (!scanner.TryTakeString(out var value, out var stringFault))
        {
            return stringFault;
        }

        if (!LabelMatcher.TryCreate(label, op, value, out var matcher, out var patternFault))
        {
            return patternFault;
        }

        found.Add(matcher);
        return budget.Take(matcher);
    }

    private static string? SetName(ref string name, string quoted)
    {
        if (name.Length > 0)
        {
            return $"metric name must not be set twice: {LabelText.Quote(name)} or {LabelText.Quote(quoted)}";
        }

        name = quoted;
        return null;
    }
}
