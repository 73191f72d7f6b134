namespace ScrapeCluster.Model;

/// <summary>One rule of <c>relabel_configs</c>, <c>metric_relabel_configs</c> or <c>write_relabel_configs</c>, as written, defaults filled in.</summary>
public sealed record RelabelConfig
{
    public IReadOnlyList<string> SourceLabels { get; init; } = [];

    public string Separator { get; init; } = ";";

    /// <summary>RE2 syntax, anchored at both ends.</summary>
    public string Regex { get; init; } = "(.*)";

    public ulong Modulus { get; init; }

    public string TargetLabel { get; init; } = "";

    public string Replacement { get; init; } = "$1";

    public RelabelAction Action { get; init; } = RelabelAction.Replace;

    public bool Equals(RelabelConfig? other)
    {
        return other is not null && SourceLabels.SequenceEqual(other.SourceLabels) && Separator == other.Separator && Regex == other.Regex
            && Modulus == other.Modulus && TargetLabel == other.TargetLabel && Replacement == other.Replacement && Action == other.Action;
    }

    public override int GetHashCode() => HashCode.Combine(Separator, Regex, Modulus, TargetLabel, Replacement, Action);
}

public enum RelabelAction
{
    Replace,
    Keep,
    Drop,
    KeepEqual,
    DropEqual,
    HashMod,
    LabelMap,
    LabelDrop,
    LabelKeep,
    Lowercase,
    Uppercase,
}
