namespace ScrapeCluster.Model;

/// <summary>
/// A group of targets as discovery found them. <paramref name="Source"/> is unique within its provider; a group without
/// targets clears that source.
/// </summary>
public sealed record TargetGroup(string Source, IReadOnlyList<Labels> Targets, Labels Labels);
