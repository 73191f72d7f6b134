namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>A sample on its way to a receiver.</summary>
/// <param name="Labels">Encoded by <see cref="WriteRequestEncoder.EncodeLabels"/>, shared by all samples of the series.</param>
internal readonly record struct PendingSample(byte[] Labels, long TimestampMs, double Value);
