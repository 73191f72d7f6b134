using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// The label that tells the slots of a bucket apart. Readers do not see it: the series of the slots are one series, and a matcher on the label finds what a
/// series without it would match.
/// </summary>
internal sealed class ReplicaLabel(string name)
{
    public static readonly ReplicaLabel None = new("");

    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    public string Name => name;

    public bool IsNone => name.Length == 0;

    public bool Is(string label) => !IsNone && label == name;

    public Labels Without(Labels labels)
    {
        if (IsNone || !labels.Has(_name))
        {
            return labels;
        }

        var builder = new LabelsBuilder();
        builder.Reset(labels);
        builder.Delete(_name);
        return builder.ToLabels();
    }

    /// <summary>Which replica a series is; empty when it has no such label.</summary>
    public string ValueOf(Labels labels) => !IsNone && labels.TryGet(_name, out var value) ? Encoding.UTF8.GetString(value) : "";

    /// <summary>Null when a matcher wants a value of the label, which no series has for a reader.</summary>
    public IReadOnlyList<LabelMatcher>? Without(IReadOnlyList<LabelMatcher> matchers)
    {
        if (IsNone || matchers.All(matcher => matcher.Name != name))
        {
            return matchers;
        }

        return matchers.All(matcher => matcher.Name != name || matcher.MatchesEmpty) ? [.. matchers.Where(matcher => matcher.Name != name)] : null;
    }

    /// <summary>Slots in their order: the shorter value first, so that numbers count as such.</summary>
    public static int Compare(string left, string right)
    {
        return left.Length != right.Length ? left.Length.CompareTo(right.Length) : string.CompareOrdinal(left, right);
    }
}
