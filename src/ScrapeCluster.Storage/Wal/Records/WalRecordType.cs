namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>The first byte of a record, see FORMAT.md.</summary>
public enum WalRecordType : byte
{
    /// <summary>Never written; stands for every number that has no name here.</summary>
    Unknown = 0,
    Series = 1,
    Samples = 2,
    Tombstones = 3,
    Exemplars = 4,
    MmapMarkers = 5,
    Metadata = 6,
    Histograms = 7,
    FloatHistograms = 8,
    CustomBucketHistograms = 9,
    CustomBucketFloatHistograms = 10,
    SamplesWithStart = 11,
    HistogramsWithStart = 12,
    FloatHistogramsWithStart = 13,
}
