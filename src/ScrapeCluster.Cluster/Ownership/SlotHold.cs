namespace ScrapeCluster.Cluster.Ownership;

/// <summary>
/// One slot that came from a living owner: what is scraped of it from the instant on is not sent before the owner before has sent its own. Pure; all times steady.
/// </summary>
/// <param name="from">The owner before.</param>
/// <param name="instant">Of the move.</param>
/// <param name="ahead">Nothing is sent from so long before the instant, as whoever asks may be late.</param>
/// <param name="within">So long after the instant it ends, whatever the owner before says.</param>
internal sealed class SlotHold(string from, DateTimeOffset instant, TimeSpan ahead, TimeSpan within)
{
    /// <summary>Queues that were told to be free before it began.</summary>
    private readonly List<string> _free = [];

    public string From { get; } = from;

    /// <summary>What the node's remote write calls it; null before it begins.</summary>
    public long? Number { get; private set; }

    public bool IsBefore(DateTimeOffset steady) => steady < instant;

    public bool IsExpired(DateTimeOffset steady) => Rest(steady) <= TimeSpan.Zero;

    public bool IsDue(DateTimeOffset steady) => Number is null && steady >= instant - ahead && !IsExpired(steady);

    public TimeSpan Rest(DateTimeOffset steady) => instant + within - steady;

    /// <returns>Queues that are not held by it.</returns>
    public IReadOnlyList<string> Begin(long number)
    {
        Number = number;
        return _free;
    }

    /// <summary>Before it began: this queue will not be held.</summary>
    public void FreeAhead(string queue) => _free.Add(queue);
}
