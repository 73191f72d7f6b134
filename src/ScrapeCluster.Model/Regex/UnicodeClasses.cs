using System.Globalization;

namespace ScrapeCluster.Model;

/// <summary>What may stand in <c>\p{...}</c>: general categories such as <c>L</c> and <c>Lu</c>, scripts such as <c>Greek</c>, and <c>Any</c>.</summary>
internal static class UnicodeClasses
{
    private static readonly string[] CategoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So",
    ];

    private static readonly Lazy<Dictionary<string, string>> Scripts = new(ReadScripts);

    /// <summary>Null for an unknown name. Names are compared exactly, as in RE2.</summary>
    public static RuneSet? Find(string name)
    {
        return name == "Any" ? RuneSet.Any
            : name.Length > 0 && CategoryNames.Any(category => category.StartsWith(name, StringComparison.Ordinal)) ? Category(name)
            : Scripts.Value.TryGetValue(name, out var ranges) ? Ranges(ranges)
            : null;
    }

    private static RuneSet Category(string name)
    {
        // The order of CategoryNames is that of UnicodeCategory; what follows there (unassigned) is no class in RE2.
        var wanted = CategoryNames.Select(category => category.StartsWith(name, StringComparison.Ordinal)).ToArray();
        var ranges = new List<(int, int)>();
        var start = -1;
        for (var rune = 0; rune <= RuneSet.MaxRune + 1; rune++)
        {
            var category = rune > RuneSet.MaxRune ? int.MaxValue : (int)CharUnicodeInfo.GetUnicodeCategory(rune);
            var member = category < wanted.Length && wanted[category];
            if (member && start < 0)
            {
                start = rune;
            }
            else if (!member && start >= 0)
            {
                ranges.Add((start, rune - 1));
                start = -1;
            }
        }

        return RuneSet.Of(ranges);
    }

    private static Dictionary<string, string> ReadScripts()
    {
        using var stream = typeof(UnicodeClasses).Assembly.GetManifestResourceStream("UnicodeScripts.txt")!;
        using var reader = new StreamReader(stream);
        var scripts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            var nameEnd = line.IndexOf(' ', StringComparison.Ordinal);
            if (line[0] != '#')
            {
                scripts[line[..nameEnd]] = line[(nameEnd + 1)..];
            }
        }

        return scripts;
    }

    private static RuneSet Ranges(string text)
    {
        return RuneSet.Of(text.Split(' ').Select(range =>
        {
            var ends = range.Split('-');
            return (Hex(ends[0]), Hex(ends[^1]));
        }));
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
