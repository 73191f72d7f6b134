namespace ScrapeCluster.Node.Reads;

/// <param name="Node">Empty on a node without a cluster.</param>
internal readonly record struct NodePart<T>(string Node, T Part);

/// <param name="Reason">A sentence's end, such as <c>nobody listens at 10.0.0.2:9096</c>.</param>
/// <param name="IsUnknown">There is no such member.</param>
internal sealed record MissingNode(string Node, string Reason, bool IsUnknown = false);

/// <summary>The parts that came, the asked node's own first and then by name, and whose did not.</summary>
internal sealed record FanoutAnswer<T>(IReadOnlyList<NodePart<T>> Parts, IReadOnlyList<MissingNode> Missing)
{
    /// <summary>For Prometheus's <c>warnings</c>; null when nothing is missing.</summary>
    public IReadOnlyList<string>? Warnings => MissingText.Warnings(Missing);
}

internal static class MissingText
{
    public static IReadOnlyList<string>? Warnings(IReadOnlyList<MissingNode> missing)
    {
        return missing.Count == 0 ? null : [.. missing.Select(node => $"node {node.Node} is missing in this answer: {node.Reason}")];
    }

    public static IReadOnlyList<string>? Join(IReadOnlyList<string>? first, IReadOnlyList<string>? second)
    {
        return first is null ? second : second is null ? first : [.. first, .. second];
    }
}
