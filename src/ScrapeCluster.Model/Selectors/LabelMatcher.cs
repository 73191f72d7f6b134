using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ScrapeCluster.Model;

/// <summary>One condition on a label; an absent label counts as the empty value. Equal by name, operator and value.</summary>
public sealed class LabelMatcher : IEquatable<LabelMatcher>
{
    private readonly Re2Regex? _regex;
    private readonly byte[] _valueBytes;

    private LabelMatcher(string name, MatchOp op, string value, Re2Regex? regex)
    {
        Name = name;
        Op = op;
        Value = value;
        _regex = regex;
        _valueBytes = Encoding.UTF8.GetBytes(value);
        NameBytes = Encoding.UTF8.GetBytes(name);
        MatchesEmpty = Matches(default(ReadOnlySpan<byte>));
    }

    public string Name { get; }

    public MatchOp Op { get; }

    public string Value { get; }

    public ReadOnlyMemory<byte> NameBytes { get; }

    /// <summary>True when series without the label match.</summary>
    public bool MatchesEmpty { get; }

    /// <summary>For <see cref="PatternBudget"/>; zero where there is no pattern.</summary>
    public int PatternSize => _regex?.Size ?? 0;

    /// <summary>For <c>=~</c>: the only values that can match, when the pattern is a plain list such as <c>a|b</c>; else null.</summary>
    public IReadOnlyList<string>? OnlyValues => Op == MatchOp.Equal ? [Value] : Op == MatchOp.Regex ? _regex!.Literals : null;

    public static LabelMatcher Equal(string name, string value) => new(name, MatchOp.Equal, value, null);

    public static LabelMatcher NotEqual(string name, string value) => new(name, MatchOp.NotEqual, value, null);

    public static bool TryCreate(
        string name, MatchOp op, string value, [NotNullWhen(true)] out LabelMatcher? matcher, [NotNullWhen(false)] out string? fault)
    {
        matcher = null;
        fault = null;
        Re2Regex? regex = null;
        if (op is MatchOp.Regex or MatchOp.NotRegex && !Re2.TryCompile(value, out regex, out fault))
        {
            return false;
        }

        matcher = new LabelMatcher(name, op, value, regex);
        return true;
    }

    public bool Matches(ReadOnlySpan<byte> value)
    {
        return Op switch
        {
            MatchOp.Equal => value.SequenceEqual(_valueBytes),
            MatchOp.NotEqual => !value.SequenceEqual(_valueBytes),
            MatchOp.Regex => _regex!.IsMatch(value),
            _ => !_regex!.IsMatch(value),
        };
    }

    public bool Matches(string value)
    {
        return Op switch
        {
            MatchOp.Equal => value == Value,
            MatchOp.NotEqual => value != Value,
            MatchOp.Regex => _regex!.IsMatch(value),
            _ => !_regex!.IsMatch(value),
        };
    }

    public bool Matches(Labels labels) => labels.TryGet(NameBytes.Span, out var value) ? Matches(value) : MatchesEmpty;

    public bool Equals(LabelMatcher? other) => other is not null && Name == other.Name && Op == other.Op && Value == other.Value;

    public override bool Equals(object? obj) => Equals(obj as LabelMatcher);

    public override int GetHashCode() => HashCode.Combine(Name, Op, Value);

    public override string ToString() => $"{LabelText.Name(Name)}{OpText(Op)}{LabelText.Quote(Value)}";

    private static string OpText(MatchOp op)
    {
        return op switch
        {
            MatchOp.Equal => "=",
            MatchOp.NotEqual => "!=",
            MatchOp.Regex => "=~",
            _ => "!~",
        };
    }
}
