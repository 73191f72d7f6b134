using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>Selectors as they travel: as text, since they were parsed where they came in and are parsed the same everywhere.</summary>
internal static class Selectors
{
    /// <summary>Those that can select something; none at all when nothing was asked for, which means everything.</summary>
    public static List<IReadOnlyList<LabelMatcher>> Parse(IReadOnlyCollection<string> texts, ReplicaLabel replica)
    {
        var parsed = new List<IReadOnlyList<LabelMatcher>>(texts.Count);
        foreach (var text in texts)
        {
            if (!SelectorParser.TryParse(text, out var matchers, out var fault))
            {
                throw new InvalidDataException($"selector {text}: {fault}");
            }

            if (replica.Without(matchers) is { } visible)
            {
                parsed.Add(visible);
            }
        }

        return parsed;
    }

    /// <summary>As <see cref="Parse"/>, with the selector that selects everything where none was given.</summary>
    public static List<IReadOnlyList<LabelMatcher>> ParseOrAll(SelectorsAsked asked, ReplicaLabel replica)
    {
        return asked.Selectors.Count == 0 ? [[]] : Parse(asked.Selectors, replica);
    }

    public static ReplicaLabel ReplicaLabelOf(this NodeContext node)
    {
        return node.Cluster?.ReplicaLabel() is { Length: > 0 } name ? new ReplicaLabel(name) : ReplicaLabel.None;
    }

    /// <summary>
    /// The first of a node's sorted items and one more: the first items of all nodes are among these, and one too many tells that there are more.
    /// </summary>
    public static IReadOnlyList<T> Head<T>(IReadOnlyList<T> sorted, int limit) => limit > 0 && sorted.Count > limit + 1 ? [.. sorted.Take(limit + 1)] : sorted;
}
