namespace ScrapeCluster.Model;

/// <summary>Hears of every scrape of a target that has several slots, after the storage's answer: what it stored of it is in the log. Any thread; nothing waits.</summary>
public interface IScrapeWitness
{
    /// <summary>Which slots' samples are told apart by this label.</summary>
    string ReplicaLabel { get; }

    void Ended(in ScrapeEnd end);
}

/// <param name="TargetHash">For its bucket.</param>
/// <param name="Key">See <see cref="TargetKey"/>.</param>
/// <param name="DueMs">Of the plan, in cluster time: its timestamp may be a little later.</param>
/// <param name="IsGood">False: it failed, or was not stored.</param>
public readonly record struct ScrapeEnd(string Job, int Slot, ulong TargetHash, ulong Key, long DueMs, long IntervalMs, bool IsGood);
