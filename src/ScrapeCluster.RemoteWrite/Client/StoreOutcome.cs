namespace ScrapeCluster.RemoteWrite.Client;

internal enum StoreResult
{
    Stored,

    /// <summary>Worth trying again: the receiver was not reached, timed out, or failed itself.</summary>
    Recoverable,

    /// <summary>The receiver refuses this request for good, or says that it wrote nothing of it.</summary>
    Refused,
}

/// <param name="RetryAfter">How long the receiver asks to wait; null when it does not.</param>
/// <param name="SamplesWritten">What the receiver of a 2.0 request says it wrote; null when it did not say, as those of 1.0 do not.</param>
internal readonly record struct StoreOutcome(StoreResult Result, string Reason, TimeSpan? RetryAfter, int? SamplesWritten = null)
{
    public static readonly StoreOutcome Stored = new(StoreResult.Stored, "", null);

    /// <summary>The answer's status; 0 without an answer.</summary>
    public int Status { get; init; }

    /// <summary>How many of the samples of a request that is not sent again the receiver does not have.</summary>
    public int LostOf(int samples) => SamplesWritten is { } written ? Math.Max(0, samples - written) : Result == StoreResult.Stored ? 0 : samples;
}
