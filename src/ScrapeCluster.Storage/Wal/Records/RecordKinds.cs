namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>The record types by the names that the metrics page and the log use.</summary>
internal static class RecordKinds
{
    /// <summary>Types with a name of their own; all others are "unknown".</summary>
    public static IReadOnlyList<(WalRecordType Type, string Name)> All { get; } =
    [
        (WalRecordType.Series, "series"),
        (WalRecordType.Samples, "samples"),
        (WalRecordType.Tombstones, "tombstones"),
        (WalRecordType.Exemplars, "exemplars"),
        (WalRecordType.MmapMarkers, "mmap_markers"),
        (WalRecordType.Metadata, "metadata"),
        (WalRecordType.Histograms, "histograms"),
        (WalRecordType.FloatHistograms, "float_histograms"),
        (WalRecordType.CustomBucketHistograms, "custom_bucket_histograms"),
        (WalRecordType.CustomBucketFloatHistograms, "custom_bucket_float_histograms"),
        (WalRecordType.SamplesWithStart, "samples_with_start"),
        (WalRecordType.HistogramsWithStart, "histograms_with_start"),
        (WalRecordType.FloatHistogramsWithStart, "float_histograms_with_start"),
        (WalRecordType.Unknown, "unknown"),
    ];

    public static WalRecordType Of(ReadOnlySpan<byte> record)
    {
        var type = (WalRecordType)record[0];
        return type is >= WalRecordType.Series and <= WalRecordType.FloatHistogramsWithStart ? type : WalRecordType.Unknown;
    }
}
