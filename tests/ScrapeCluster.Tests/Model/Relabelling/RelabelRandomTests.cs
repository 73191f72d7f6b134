using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Relabelling;

/// <summary>Random rules on random labels against a plain version over strings, a sorted map and .NET's own engine.</summary>
public sealed class RelabelRandomTests
{
    private static readonly string[] Names = ["a", "b", "c", "ab", "__meta_x", "__name__"];
    private static readonly string[] Values = ["", "a", "b", "ab", "ba", "x-y", "10", "A"];
    private static readonly string[] Regexes = ["(.*)", "(.+)", "a", "a|b", "(a)(b)?", "([^-]+)-(.*)", "__meta_(.*)", "[ab]+", "(?i)(a)b?", ""];
    private static readonly string[] Replacements = ["$1", "x", "$1-$2", "${2}", "$$1", "a_$1", "$0"];

    [Fact]
    public void Apply_RandomRules_AgreesWithThePlainVersion()
    {
        var random = new Random(42);
        var compared = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var configs = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Config(random)).ToArray();
            var rules = new List<RelabelRule>();
            foreach (var config in configs)
            {
                if (RelabelRule.TryCompile(config, out var rule, out _))
                {
                    rules.Add(rule);
                }
            }

            var (labels, plain) = (new LabelsBuilder(), new SortedDictionary<string, string>(StringComparer.Ordinal));
            foreach (var name in Names.Where(_ => random.Next(2) == 0))
            {
                var value = Pick(random, Values);
                labels.Set(name, value);
                Set(plain, name, value);
            }

            var before = labels.ToLabels().ToString();
            var expected = rules.TrueForAll(rule => Apply(rule.Config, plain)) ? Text(plain) : "dropped";
            var got = RelabelRules.Apply(rules, labels) ? labels.ToLabels().ToString() : "dropped";
            Assert.True(expected == got, $"{before} by {string.Join(" then ", rules.Select(rule => rule.Config))}: {got}, expected {expected}");
            compared += rules.Count;
        }

        Assert.True(compared > 10_000, $"only {compared} rules were valid");
    }

    private static RelabelConfig Config(Random random)
    {
        var action = (RelabelAction)random.Next(11);
        var takesOnlyRegex = action is RelabelAction.LabelDrop or RelabelAction.LabelKeep;
        var takesNoRegex = action is RelabelAction.KeepEqual or RelabelAction.DropEqual or RelabelAction.Lowercase or RelabelAction.Uppercase;
        var config = new RelabelConfig { Action = action, Modulus = action == RelabelAction.HashMod ? (ulong)random.Next(1, 50) : 0 };
        config = takesNoRegex ? config : config with { Regex = Pick(random, Regexes) };
        return takesOnlyRegex ? config : config with
        {
            SourceLabels = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Pick(random, Names))],
            TargetLabel = action == RelabelAction.Replace && random.Next(3) == 0 ? "t_$1" : Pick(random, Names),
            Replacement = takesNoRegex ? "$1" : Pick(random, Replacements),
        };
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private static string Text(SortedDictionary<string, string> labels) => Labels.Of([.. labels.Select(pair => (pair.Key, pair.Value))]).ToString();

    private static void Set(SortedDictionary<string, string> labels, string name, string value)
    {
        labels.Remove(name);
        if (value.Length > 0)
        {
            labels[name] = value;
        }
    }

    private static bool Apply(RelabelConfig config, SortedDictionary<string, string> labels)
    {
        string Get(string name) => labels.GetValueOrDefault(name, "");
        var regex = new System.Text.RegularExpressions.Regex($"\\A(?s:{config.Regex})\\z", RegexOptions.CultureInvariant);
        var value = string.Join(config.Separator, config.SourceLabels.Select(Get));
        switch (config.Action)
        {
            case RelabelAction.Keep:
                return regex.IsMatch(value);
            case RelabelAction.Drop:
                return !regex.IsMatch(value);
            case RelabelAction.KeepEqual:
                return Get(config.TargetLabel) == value;
            case RelabelAction.DropEqual:
                return Get(config.TargetLabel) != value;
            case RelabelAction.HashMod:
                var digest = new BigInteger(MD5.HashData(Encoding.UTF8.GetBytes(value)).AsSpan(8), isUnsigned: true, isBigEndian: true);
                Set(labels, config.TargetLabel, (digest % config.Modulus).ToString());
                break;
            case RelabelAction.Lowercase:
                Set(labels, config.TargetLabel, value.ToLowerInvariant());
                break;
            case RelabelAction.Uppercase:
                Set(labels, config.TargetLabel, value.ToUpperInvariant());
                break;
            case RelabelAction.LabelDrop:
            case RelabelAction.LabelKeep:
                foreach (var name in labels.Keys.Where(name => regex.IsMatch(name) == (config.Action == RelabelAction.LabelDrop)).ToArray())
                {
                    labels.Remove(name);
                }

                break;
            case RelabelAction.LabelMap:
                foreach (var (name, old) in labels.Where(pair => regex.IsMatch(pair.Key)).ToArray())
                {
                    Set(labels, Expand(regex.Match(name), config.Replacement), old);
                }

                break;
            default:
                if (regex.Match(value) is { Success: true } match && Expand(match, config.TargetLabel) is { Length: > 0 } target)
                {
                    Set(labels, target, Expand(match, config.Replacement));
                }

                break;
        }

        return true;
    }

    private static string Expand(Match match, string template)
    {
        return template.Replace("$$", "\u0001", StringComparison.Ordinal)
            .Replace("${2}", match.Groups[2].Value, StringComparison.Ordinal)
            .Replace("$2", match.Groups[2].Value, StringComparison.Ordinal)
            .Replace("$1", match.Groups[1].Value, StringComparison.Ordinal)
            .Replace("$0", match.Value, StringComparison.Ordinal)
            .Replace('\u0001', '$');
    }
}
