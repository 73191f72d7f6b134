namespace ScrapeCluster.Scraping;

/// <summary>The part of the board that one pool writes.</summary>
internal sealed class PoolBoard(string job, int slot)
{
    private volatile TargetCell[] _targets = [];
    private volatile string? _failure;

    public string Job { get; } = job;

    public int Slot { get; } = slot;

    /// <summary>The array is immutable from here on.</summary>
    public TargetCell[] Targets
    {
        get => _targets;
        set => _targets = value;
    }

    /// <summary>Why the pool could not be built as configured; null when it could.</summary>
    public string? Failure
    {
        get => _failure;
        set => _failure = value;
    }
}
