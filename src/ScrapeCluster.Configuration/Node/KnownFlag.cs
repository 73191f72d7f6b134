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

    /// <summary>Shown without its password.</summary>
    Database,
}

/// <summary>A flag that the node understands.</summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="Kind">How its text is read.</param>
/// <param name="Key">The HOCON key it sets; null when it sets none.</param>
internal sealed record KnownFlag(string Name, FlagKind Kind, string? Key)
{
    /// <summary>For a flag of Prometheus that is not the node's own: what giving it does here. Null for the node's own flags.</summary>
    public string? Note { get; init; }

    /// <summary>For a switch whose key takes other words than true and false: those.</summary>
    public (string On, string Off)? Words { get; init; }

    /// <summary>The line of <c>--help</c>; null = not listed.</summary>
    public string? Help { get; init; }

    public bool MayRepeat { get; init; }

    /// <summary>What the key is set to when the switch is given as true or false.</summary>
    public string SettingOf(string value) => Words is { } words ? (value == "true" ? words.On : words.Off) : value;

    /// <summary>The text as it may be shown to anybody.</summary>
    public string Shown(string text) =>
        Words is { } words ? (text == words.On ? "true" : "false")
        : Kind != FlagKind.Database || text.Length == 0 ? text
        : DatabaseAddress.TryParse(text, out var address) ? address.ToString()
        : Secret.Mask;
}
