namespace ScrapeCluster.Model;

/// <summary>A parsed pattern.</summary>
internal abstract record Re2Node
{
    private Re2Node()
    {
    }

    public sealed record Empty : Re2Node;

    /// <summary>One code point of a set; a literal is a set of one.</summary>
    public sealed record OneOf(RuneSet Set) : Re2Node;

    public sealed record Assertion(Re2Assertion Kind) : Re2Node;

    public sealed record Concat(IReadOnlyList<Re2Node> Items) : Re2Node;

    public sealed record Alternate(IReadOnlyList<Re2Node> Branches) : Re2Node;

    /// <param name="Max">-1 for no bound.</param>
    public sealed record Repeat(Re2Node Item, int Min, int Max, bool Greedy) : Re2Node;

    public sealed record Group(Re2Node Item, int Number) : Re2Node;

    /// <summary>True when the empty text can match.</summary>
    public bool IsNullable => this switch
    {
        OneOf => false,
        Concat concat => concat.Items.All(item => item.IsNullable),
        Alternate alternate => alternate.Branches.Any(branch => branch.IsNullable),
        Repeat repeat => repeat.Min == 0 || repeat.Item.IsNullable,
        Group group => group.Item.IsNullable,
        _ => true,
    };
}

internal enum Re2Assertion
{
    BeginText,
    EndText,
    BeginLine,
    EndLine,
    WordBoundary,
    NotWordBoundary,
}
