namespace ScrapeCluster.Model;

/// <summary>What became of one discovered target.</summary>
public abstract record TargetOutcome
{
    private TargetOutcome()
    {
    }

    public sealed record Active(ScrapeTarget Target) : TargetOutcome;

    /// <summary>A rule of <c>relabel_configs</c> dropped it.</summary>
    public sealed record Dropped(Labels DiscoveredLabels) : TargetOutcome;

    public sealed record Invalid(string Reason, Labels DiscoveredLabels) : TargetOutcome;
}
