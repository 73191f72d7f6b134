using System.Text;
using System.Text.RegularExpressions;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Regex;

/// <summary>The machines against the clear version and, where the languages agree, against .NET's engine.</summary>
public sealed class Re2RandomTests
{
    private static readonly string[] Letters = ["a", "b", "A", "0", "_", "-", "é", "😀", "\n", "k", "\u212a", "ſ"];

    [Fact]
    public void TryMatch_RandomPatterns_AgreesWithTheClearVersion()
    {
        var random = new Random(20261122);
        var (compared, matched, grouped) = (0, 0, 0);
        for (var i = 0; i < 6_000; i++)
        {
            var pattern = Pattern(random, 3, full: true);
            var parser = new Re2Parser(pattern);
            if (!parser.TryParse(out var node, out _) || !Re2.TryCompile(pattern, out var regex, out _))
            {
                continue;
            }

            var reference = new BacktrackingMatcher(node, regex.GroupCount);
            var comparesGroups = !LoopsOverEmpty(node);
            for (var j = 0; j < 8; j++)
            {
                var input = Text(random, Letters, 8);
                if (reference.TryMatch(input, out var expected) is { } isMatch)
                {
                    Compare(pattern, regex, input, isMatch, comparesGroups ? expected : []);
                    grouped += comparesGroups && isMatch ? 1 : 0;
                    compared++;
                    matched += isMatch ? 1 : 0;
                }
            }
        }

        Assert.True(compared > 30_000, $"only {compared} pairs were compared");
        Assert.True(matched > 2_000, $"only {matched} pairs matched");
        Assert.True(grouped > 1_000, $"the groups of only {grouped} matches were compared");
    }

    [Fact]
    public void IsMatch_RandomPatternsOfTheCommonLanguage_AgreesWithDotNet()
    {
        var random = new Random(7);
        string[] letters = ["a", "b", "c", "0", "-", "\n"];
        for (var i = 0; i < 2_000; i++)
        {
            var pattern = Pattern(random, 3, full: false);
            Assert.True(Re2.TryCompile(pattern, out var regex, out var fault), fault);
            var dotNet = new System.Text.RegularExpressions.Regex($"\\A(?s:{pattern})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            for (var j = 0; j < 8; j++)
            {
                var input = Text(random, letters, 8);
                Assert.True(dotNet.IsMatch(input) == regex.IsMatch(input), $"/{pattern}/ on \"{input}\"");
            }
        }
    }

    [Fact]
    public void IsMatch_ShortCuts_AgreeWithTheMachine()
    {
        var random = new Random(11);
        string[] pieces = ["a", "b", "ab", ".*", "(.*)", ".+", "(.+)", "é", "(a|b)", "[ab]", "|"];
        string[] letters = ["a", "b", "é", "\n"];
        for (var i = 0; i < 5_000; i++)
        {
            var pattern = string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.True(Re2.TryCompile(pattern, out var regex, out var fault), fault);
            for (var j = 0; j < 8; j++)
            {
                var input = Encoding.UTF8.GetBytes(Text(random, letters, 5));
                if (random.Next(10) == 0)
                {
                    input = [.. input, 0xC3];
                }

                var (bySimulation, byShortCut) = (new int[2 * (regex.GroupCount + 1)], new int[2 * (regex.GroupCount + 1)]);
                var expected = regex.Simulate(input, bySimulation);
                Assert.Equal(expected, regex.IsMatchByMachine(input));
                Assert.Equal(expected, regex.TryMatch(input, byShortCut));
                Assert.Equal(expected ? bySimulation[2..] : [], expected ? byShortCut[2..] : []);
            }
        }
    }

    [Fact]
    public void IsMatch_AutomatonTooLarge_IsAnsweredByTheSimulation()
    {
        // The automaton of "an a, n places before the end" has two to the power of n states.
        Assert.True(Re2.TryCompile("[ab]*a[ab]{200}", out var regex, out var fault), fault);
        var random = new Random(3);
        var input = Encoding.UTF8.GetBytes(Text(random, ["a", "b"], 1).PadRight(60_000, 'b'));
        for (var i = 0; i < input.Length; i++)
        {
            input[i] = (byte)(random.Next(2) == 0 ? 'a' : 'b');
        }

        input[^201] = (byte)'a';
        Assert.True(regex.IsMatch(input));
        input[^201] = (byte)'b';
        Assert.False(regex.IsMatch(input));
    }

    [Fact]
    public void IsMatch_ManyThreads_AgreeWhileStatesAreBuilt()
    {
        Assert.True(Re2.TryCompile("(?:[a-f]+[0-9]{2,4}|[^x]*z)(-[[:alpha:]]+)*", out var regex, out var fault), fault);
        var random = new Random(5);
        string[] letters = ["a", "f", "1", "9", "-", "z", "x", "é"];
        var cases = Enumerable.Range(0, 2_000).Select(_ => Encoding.UTF8.GetBytes(Text(random, letters, 12))).ToArray();
        Assert.True(Re2.TryCompile(regex.Pattern, out var reference, out _));
        var expected = cases.Select(input => reference.Simulate(input, [])).ToArray();

        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < cases.Length; i++)
            {
                Assert.Equal(expected[i], regex.IsMatch(cases[i]));
            }
        });
    }

    /// <summary>Where a loop's item can be empty, engines differ in which round a group remembers; RE2's own rule is that of its machine.</summary>
    private static bool LoopsOverEmpty(Re2Node node)
    {
        return node switch
        {
            Re2Node.Repeat repeat => repeat.Item.IsNullable || LoopsOverEmpty(repeat.Item),
            Re2Node.Group group => LoopsOverEmpty(group.Item),
            Re2Node.Concat concat => concat.Items.Any(LoopsOverEmpty),
            Re2Node.Alternate alternate => alternate.Branches.Any(LoopsOverEmpty),
            _ => false,
        };
    }

    private static void Compare(string pattern, Re2Regex regex, string input, bool isMatch, int[] expected)
    {
        var utf8 = Encoding.UTF8.GetBytes(input);
        var groups = new int[2 * (regex.GroupCount + 1)];
        var about = $"/{pattern}/ on \"{input}\"";
        Assert.True(isMatch == regex.IsMatchByMachine(utf8), $"automaton: {about}");
        Assert.True(isMatch == regex.TryMatch(utf8, groups), about);
        for (var i = 2; isMatch && i < expected.Length; i++)
        {
            var inRunes = groups[i] < 0 ? -1 : Encoding.UTF8.GetString(utf8, 0, groups[i]).EnumerateRunes().Count();
            Assert.True(expected[i] == inRunes, $"slot {i} is {inRunes}, expected {expected[i]}: {about}");
        }
    }

    /// <param name="full">All of RE2; otherwise only what means the same in .NET.</param>
    private static string Pattern(Random random, int depth, bool full)
    {
        string[] atoms = full
            ? ["a", "b", "k", "s", "é", "😀", ".", "[ab]", "[^a]", "\\w", "\\d", "[[:alpha:]]", "\\pL", "\\b", "\\B", "^", "$", "(?m:^)", "(?m:$)", "[k-s]", "(?i:k)", "(?i:[a-s])", "(?-s:.)", ""]
            : ["a", "b", "c", "0", ".", "[ab]", "[^a]", "[a-c]", "a|b", ""];
        if (depth == 0)
        {
            return atoms[random.Next(atoms.Length)];
        }

        string Next() => Pattern(random, depth - 1, full);
        return random.Next(9) switch
        {
            0 or 1 or 2 => Next() + Next(),
            3 => $"({Next()}|{Next()})",
            4 => $"({Next()})",
            5 => $"(?:{Next()}){Quantifier(random)}",
            6 => $"({Next()}){Quantifier(random)}",
            7 when full => $"(?i:{Next()})",
            _ => Next(),
        };
    }

    private static string Quantifier(Random random)
    {
        string[] quantifiers = ["*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,2}?", "{2,}", "{0}"];
        return quantifiers[random.Next(quantifiers.Length)];
    }

    private static string Text(Random random, string[] letters, int maxLength)
    {
        return string.Concat(Enumerable.Range(0, random.Next(maxLength + 1)).Select(_ => letters[random.Next(letters.Length)]));
    }
}
