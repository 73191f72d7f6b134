namespace ScrapeCluster.Model;

/// <summary>
/// What discovery found: the complete target groups of every job named here. A job that is absent is unchanged; a job that
/// is no longer configured is removed by the configuration, never by this message.
/// </summary>
public sealed record TargetSetsChanged(IReadOnlyDictionary<string, IReadOnlyList<TargetGroup>> Sets)
{
    /// <summary>Jobs of which some entry has only failed so far, such as a file that cannot be read: what it would have found is missing from the set.</summary>
    public IReadOnlySet<string> Partial { get; init; } = new HashSet<string>();
}
