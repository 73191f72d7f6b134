namespace ScrapeCluster.Model;

/// <summary>The named classes of POSIX and Perl; in RE2 they hold ASCII only.</summary>
internal static class AsciiClasses
{
    public static readonly RuneSet Word = Set("09", "AZ", "az", "__");
    private static readonly RuneSet Digit = Set("09");
    private static readonly RuneSet PerlSpace = Set("\t\n", "\f\r", "  ");

    /// <summary><c>d</c>, <c>s</c>, <c>w</c> and their negations in upper case; null for other letters.</summary>
    public static RuneSet? Perl(char letter)
    {
        return char.ToLowerInvariant(letter) switch
        {
            'd' => Digit,
            's' => PerlSpace,
            'w' => Word,
            _ => null,
        };
    }

    public static RuneSet? Posix(string name)
    {
        return name switch
        {
            "alnum" => Set("09", "AZ", "az"),
            "alpha" => Set("AZ", "az"),
            "ascii" => Set("\0\x7f"),
            "blank" => Set("\t\t", "  "),
            "cntrl" => Set("\0\x1f", "\x7f\x7f"),
            "digit" => Digit,
            "graph" => Set("!~"),
            "lower" => Set("az"),
            "print" => Set(" ~"),
            "punct" => Set("!/", ":@", "[`", "{~"),
            "space" => Set("\t\r", "  "),
            "upper" => Set("AZ"),
            "word" => Word,
            "xdigit" => Set("09", "AF", "af"),
            _ => null,
        };
    }

    /// <summary>Each text holds the first and the last member of a range.</summary>
    private static RuneSet Set(params ReadOnlySpan<string> ranges)
    {
        var pairs = new List<(int, int)>();
        foreach (var range in ranges)
        {
            pairs.Add((range[0], range[1]));
        }

        return RuneSet.Of(pairs);
    }
}
