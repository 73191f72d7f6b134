using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Api;

/// <summary>The <c>match[]</c>, <c>start</c>, <c>end</c> and <c>limit</c> that the series endpoints share.</summary>
internal sealed record SelectorParameters(IReadOnlyList<IReadOnlyList<LabelMatcher>> Selectors, long StartMs, long EndMs, int Limit)
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

        return TryParse(parameters.All("match[]"), out var selectors, out var fault)
            ? (new SelectorParameters(selectors, startMs, endMs, limit), null)
            : (null, ApiError.BadData($"invalid parameter \"match[]\": {fault}"));
    }

    public static bool TryParse(
        StringValues texts, out IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, [NotNullWhen(false)] out string? fault)
    {
        var parsed = new List<IReadOnlyList<LabelMatcher>>(texts.Count);
        selectors = parsed;
        foreach (var text in texts)
        {
            if (!SelectorParser.TryParse(text ?? "", out var matchers, out fault))
            {
                return false;
            }

            parsed.Add(matchers);
        }

        fault = null;
        return true;
    }

    /// <summary>The first <see cref="Limit"/> of the items, with a warning when that cut some off.</summary>
    public (IReadOnlyList<T> Items, IReadOnlyList<string>? Warnings) Cut<T>(IReadOnlyList<T> items)
    {
        return Limit > 0 && items.Count > Limit ? ([.. items.Take(Limit)], ["results truncated due to limit"]) : (items, null);
    }
}
