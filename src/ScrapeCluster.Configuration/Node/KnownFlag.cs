namespace ScrapeCluster.Configuration.Node;

/// <summary>How the text of a flag is read.</summary>
internal enum FlagKind
{
    Text,

    /// <summary>Takes no value: <c>--x</c>, <c>--no-x</c>, <c>--x=false</c>.</summary>
    Switch,

    /// <summary>Prometheus's durations: a unit must be given.</summary>
    Duration,

    /// <summary>Prometheus's sizes: powers of 1024, a unit must be given.</summary>
    Size,
}

/// <summary>A flag that the node understands.</summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="Kind">How its text is read.</param>
/// <param name="Key">The HOCON key it sets; null when it sets none.</param>
internal sealed record KnownFlag(string Name, FlagKind Kind, string? Key)
{
    /// <summary>For a flag of Prometheus that is not the node's own: what giving it does here. Null for the node's own flags.</summary>
    public string? Note { get; init; }

    /// <summary>The line of <c>--help</c>; null = not listed.</summary>
    public string? Help { get; init; }

    public bool MayRepeat { get; init; }
}
