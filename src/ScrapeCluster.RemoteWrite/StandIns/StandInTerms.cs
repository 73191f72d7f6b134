namespace ScrapeCluster.RemoteWrite.StandIns;

/// <param name="GoneAfterMs">A primary of which nothing was heard for so long is gone.</param>
public sealed record StandInTerms(long GoneAfterMs)
{
    /// <summary>
    /// Samples of replicated targets are in the log for so long, at least, when they are given to the shards: meanwhile the slots hear of each other's scrapes, and a sample that
    /// stands in is at the receiver before the primary's next one.
    /// </summary>
    public long SettleMs { get; init; } = 3_000;

    /// <summary>What a node said last may still be on its way when another one says something newer, or when it is declared dead.</summary>
    public long LastWordsMs { get; init; } = 1_000;

    /// <summary>A primary whose scrape failed waits for the end of the stand-in's, which may hang, for so long after it was due.</summary>
    public long FailureWaitMs { get; init; } = 12_000;

    /// <summary>This node did nothing for so long: then it has not heard of the others, whatever they said.</summary>
    public long OwnPauseMs { get; init; } = 2_000;
}
