namespace ScrapeCluster.Storage.Compaction;

/// <summary>How a piece of compaction ended.</summary>
/// <param name="WrittenBeforeMs">The head's samples before this time are in blocks and may go from the head; null when nothing of the head was written.</param>
/// <param name="Failure">Why it came to no end; it is tried again.</param>
internal sealed record CompactionOutcome(long? WrittenBeforeMs, Exception? Failure)
{
    public static readonly CompactionOutcome Tidied = new(null, null);

    /// <summary>Blocks may be left to merge: the head goes first.</summary>
    public static readonly CompactionOutcome Interrupted = new(null, null) { AreBlocksLeft = true };

    public bool AreBlocksLeft { get; private init; }
}
