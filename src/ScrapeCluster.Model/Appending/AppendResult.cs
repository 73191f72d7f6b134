namespace ScrapeCluster.Model;

/// <summary>The storage's answer to one <see cref="SampleBatch"/>, sent to the batch's sender.</summary>
/// <param name="Round">The batch's <see cref="SampleBatch.Round"/>.</param>
/// <param name="Error">Null, or why nothing of the batch was stored (a full disk, a closed storage).</param>
/// <param name="NewRefs">References of the batch's <see cref="SampleBatch.NewSeries"/>, in their order; empty when <paramref name="Error"/> is set.</param>
/// <param name="Refused">Scraped samples that were not stored, by index; empty on the warm path.</param>
/// <param name="Unknown">Samples whose reference the storage no longer knows: send them again with labels.</param>
public sealed record AppendResult(long Round, string? Error, ulong[] NewRefs, RefusedSample[] Refused, UnknownSample[] Unknown)
{
    public static AppendResult Stored(long round) => new(round, null, [], [], []);

    public static AppendResult Failed(long round, string error) => new(round, error, [], [], []);
}

public readonly record struct RefusedSample(int Index, RefusalReason Reason);

/// <summary>A sample that was not stored for want of its series; carries all that is needed to send it again, since the batch is gone.</summary>
public readonly record struct UnknownSample(int Index, double Value, long TimestampMs);

/// <summary>Why the head refused a sample (behaviour: Prometheus tsdb/head_append.go).</summary>
public enum RefusalReason : byte
{
    OutOfOrder,
    DuplicateTimestamp,
    OutOfBounds,
}
