using System.Globalization;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// What a person may write to name a target: its URL, its <c>host:port</c> or <c>instance</c>, its hash in hexadecimal (the name of its actor), or a selector
/// over its labels such as <c>{job="node",zone="a"}</c>. Pure.
/// </summary>
internal sealed class TargetSearch
{
    private readonly string _text;
    private readonly IReadOnlyList<LabelMatcher>? _matchers;
    private readonly ulong? _hash;

    private TargetSearch(string text, IReadOnlyList<LabelMatcher>? matchers)
    {
        _text = text.TrimEnd('/');
        _matchers = matchers;
        _hash = ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash) ? hash : null;
    }

    /// <summary>Null with a fault for a selector that cannot be read.</summary>
    public static TargetSearch? Parse(string text, out string? fault)
    {
        fault = null;
        if (!text.Contains('{', StringComparison.Ordinal))
        {
            return new TargetSearch(text, null);
        }

        return SelectorParser.TryParse(text, out var matchers, out fault) ? new TargetSearch(text, matchers) : null;
    }

    public bool Finds(string url, ulong? hash, Labels labels, Labels discovered)
    {
        if (_matchers is not null)
        {
            return _matchers.All(matcher => matcher.Matches(labels)) || _matchers.All(matcher => matcher.Matches(discovered));
        }

        return (_hash is not null && _hash == hash)
            || _text == url.TrimEnd('/')
            || _text == labels.Get("instance")
            || _text == discovered.Get("__address__")
            || (Uri.TryCreate(url, UriKind.Absolute, out var parsed) && (_text == parsed.Authority || _text == parsed.GetLeftPart(UriPartial.Path)));
    }
}
