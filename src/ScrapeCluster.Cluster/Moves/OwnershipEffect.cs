using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Moves;

/// <summary>What a node has to do, or to say to another, after something about a slot became known.</summary>
public abstract record OwnershipEffect(SlotKey Slot)
{
    /// <summary>Scrape the due times in the window, from now on.</summary>
    public sealed record Scrape(SlotKey Slot, int Count, TargetWindow Window) : OwnershipEffect(Slot);

    /// <summary>Stop at once, write no markers: somebody else has it.</summary>
    public sealed record Drop(SlotKey Slot) : OwnershipEffect(Slot);

    /// <summary>Tell the owner before that we have read the row and scrape from its instant on. Said again until the lines come.</summary>
    public sealed record Acknowledge(SlotKey Slot, string To, long Version) : OwnershipEffect(Slot);

    /// <summary>Stop when the scrape in flight has ended, write no markers, and send the series lines of each target to the new owner.</summary>
    public sealed record HandOver(SlotKey Slot, string To, long Version) : OwnershipEffect(Slot);
}
