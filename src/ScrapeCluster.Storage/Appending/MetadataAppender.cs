using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// Brings the metadata of a batch into the log, between its series and its samples as Prometheus does, once for each series until it changes. Also where the
/// sample was refused: the series is known all the same.
/// </summary>
internal sealed class MetadataAppender(MetadataTable table, SeriesRefs refs)
{
    private readonly List<uint> _written = [];

    /// <param name="newRefs">References of the batch's new series, in their order; 0 where there is none.</param>
    public void Prepare(SampleBatch batch, ReadOnlySpan<ulong> newRefs, WalBatch log)
    {
        _written.Clear();
        var next = 0;
        foreach (var (index, metadata) in batch.Metadata)
        {
            var seriesRef = batch.Refs[index];
            if (seriesRef == 0)
            {
                while (batch.NewSeries[next].Index < index)
                {
                    next++;
                }

                seriesRef = newRefs[next];
            }

            var row = refs.Find(seriesRef);
            if (row != SeriesTable.None && table.Set(row, metadata))
            {
                _written.Add(row);
                log.AddMetadata(seriesRef, metadata);
            }
        }
    }

    /// <summary>The log does not have the batch: what it was to say is written when next sent.</summary>
    public void Abandon() => _written.ForEach(table.Forget);
}
