using Microsoft.Extensions.Primitives;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Api;

/// <summary>The <c>match[]</c>, <c>start</c>, <c>end</c> and <c>limit</c> that the series endpoints share.</summary>
internal sealed record SelectorParameters(IReadOnlyList<string> Selectors, long StartMs, long EndMs, int Limit)
{
    public static async Task<(SelectorParameters? Parameters, ApiError? Error)> ReadAsync(HttpContext http)
    {
        var parameters = await ApiParameters.ReadAsync(http);
        if (parameters.Count("limit", out var error) is not { } limit
            || parameters.TimeMs("start", ApiTime.MinMs, out error) is not { } startMs
            || parameters.TimeMs("end", ApiTime.MaxMs, out error) is not { } endMs)
        {
            return (null, error);
        }

        if (endMs < startMs)
        {
            return (null, ApiError.BadData("invalid parameter \"end\": end timestamp must not be before start time"));
        }

        var texts = Texts(parameters.All("match[]"));
        return FaultOf(texts) is { } fault
            ? (null, ApiError.BadData($"invalid parameter \"match[]\": {fault}"))
            : (new SelectorParameters(texts, startMs, endMs, limit), null);
    }

    public static IReadOnlyList<string> Texts(StringValues given) => [.. given.Select(text => text ?? "")];

    /// <summary>What is wrong with the first selector that cannot be read; null when all can.</summary>
    public static string? FaultOf(IReadOnlyList<string> selectors)
    {
        var budget = new PatternBudget();
        foreach (var text in selectors)
        {
            if (!SelectorParser.TryParse(text, out var matchers, out var fault))
            {
                return fault;
            }

            foreach (var matcher in matchers)
            {
                if (budget.Take(matcher) is { } tooMuch)
                {
                    return tooMuch;
                }
            }
        }

        return null;
    }

    /// <summary>As every node is asked.</summary>
    public SelectorsAsked ToAsked(string label = "") => new() { Selectors = { Selectors }, StartMs = StartMs, EndMs = EndMs, Limit = Limit, Label = label };

    /// <summary>The first <see cref="Limit"/> of the items, with a warning when that cut some off.</summary>
    public (IReadOnlyList<T> Items, IReadOnlyList<string>? Warnings) Cut<T>(IReadOnlyList<T> items)
    {
        return Limit > 0 && items.Count > Limit ? ([.. items.Take(Limit)], ["results truncated due to limit"]) : (items, null);
    }
}
