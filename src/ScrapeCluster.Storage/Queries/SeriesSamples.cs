using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Queries;

/// <summary>One series of an answer with its samples in order of time; staleness markers are samples too.</summary>
public sealed record SeriesSamples(Labels Labels, long[] TimestampsMs, double[] Values);

/// <summary>The newest sample of a series.</summary>
public readonly record struct LatestSample(Labels Labels, long TimestampMs, double Value);

/// <summary>The newest sample of a series, staleness marker or not.</summary>
/// <param name="SpacingMs">From the sample before to this one, where both lie in one chunk and in the range; else 0.</param>
public readonly record struct SpacedSample(Labels Labels, long TimestampMs, double Value, long SpacingMs);

/// <summary>Counts of the head for status pages.</summary>
public readonly record struct HeadStats(int SeriesCount, int LabelPairCount, long ChunkCount, long MinTimeMs, long MaxTimeMs);
