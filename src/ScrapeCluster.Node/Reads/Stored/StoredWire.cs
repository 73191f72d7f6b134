using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>Batches of series as they travel.</summary>
internal static class StoredWire
{
    public static StoredPart Write(IReadOnlyList<FoundSeries> batch) => new() { Series = { batch.Select(Write) } };

    public static StoredPart Write(QueryLimitException failure) => new()
    {
        Fault = failure.Message,
        SeriesLimit = failure.IsOfSeries ? failure.Limit : 0,
        SamplesLimit = failure.IsOfSeries ? 0 : failure.Limit,
    };

    /// <exception cref="QueryLimitException">That is what the other node met.</exception>
    /// <exception cref="InvalidDataException">It is no such batch, or tells a fault.</exception>
    public static IReadOnlyList<FoundSeries> Read(StoredPart part) => part switch
    {
        { SeriesLimit: > 0 } => throw QueryLimitException.OfSeries(part.SeriesLimit),
        { SamplesLimit: > 0 } => throw QueryLimitException.OfSamples(part.SamplesLimit),
        { Fault.Length: > 0 } => throw new InvalidDataException(part.Fault),
        _ => [.. part.Series.Select(Read)],
    };

    private static StoredSeriesMessage Write(FoundSeries series) => new()
    {
        Labels = LabelsWire.Write(series.Labels),
        Replica = series.Replica,
        Chunks =
        {
            series.Chunks.Select(chunk => new StoredChunkMessage
            {
                MinMs = chunk.MinMs,
                MaxMs = chunk.MaxMs,
                Encoding = chunk.Encoding,
                Data = UnsafeByteOperations.UnsafeWrap(chunk.Data),
            }),
        },
    };

    private static FoundSeries Read(StoredSeriesMessage series) => new(
        LabelsWire.Read(series.Labels),
        series.Replica,
        [.. series.Chunks.Select(chunk => new BlockChunk(chunk.MinMs, chunk.MaxMs, (byte)chunk.Encoding, chunk.Data.Memory))]);
}
