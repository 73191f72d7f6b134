namespace ScrapeCluster.RemoteWrite.Client;

internal enum StoreResult
{
    Stored,

    /// <summary>Worth trying again: the receiver was not reached, timed out, or failed itself.</summary>
    Recoverable,

    /// <summary>The receiver refuses this request for good.</summary>
    Refused,
}

/// <param name="RetryAfter">How long the receiver asks to wait; null when it does not.</param>
internal readonly record struct StoreOutcome(StoreResult Result, string Reason, TimeSpan? RetryAfter)
{
    public static readonly StoreOutcome Stored = new(StoreResult.Stored, "", null);
}
