using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Queries;

/// <summary>Which series are asked for, and which part of them. No matchers: all.</summary>
/// <param name="MinMs">First millisecond, included.</param>
/// <param name="MaxMs">Last millisecond, included.</param>
public sealed record Selection(IReadOnlyList<LabelMatcher> Matchers, long MinMs = long.MinValue, long MaxMs = long.MaxValue)
{
    /// <summary>
    /// A label that is left out of the answer, labels and order alike; empty: none. The matchers must let no two series through that differ in it alone.
    /// </summary>
    public string HiddenLabel { get; init; } = "";

    /// <summary>Labels are wanted, and no samples: then also of series whose chunks touch the range and have no sample in it.</summary>
    public bool IsOfLabels { get; init; }
}
