using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>What a log says, in the order in which it says it.</summary>
internal static class LoggedMetadata
{
    /// <summary>Every metadata entry with the name of its series, whose record must stand before it.</summary>
    public static List<(string Name, MetricMetadata Metadata)> Read(string walDirectory)
    {
        var names = new Dictionary<ulong, string>();
        var entries = new List<(string, MetricMetadata)>();
        ReadAll(walDirectory, names, (seriesRef, metadata) => entries.Add((names[seriesRef], metadata)));
        return entries;
    }

    /// <summary>The kinds of the records.</summary>
    public static List<WalRecordType> Kinds(string walDirectory) => ReadAll(walDirectory, [], static (_, _) => { });

    private static List<WalRecordType> ReadAll(string walDirectory, Dictionary<ulong, string> names, Action<ulong, MetricMetadata> found)
    {
        var kinds = new List<WalRecordType>();
        var labels = new LabelsBuilder();
        using var reader = new WalReader(walDirectory);
        while (reader.TryRead(out var record))
        {
            kinds.Add((WalRecordType)record[0]);
            if (kinds[^1] == WalRecordType.Series)
            {
                for (var series = new SeriesRecordReader(record); series.MoveNext();)
                {
                    series.ReadLabels(labels);
                    names[series.Ref] = labels.ToLabels().Get(Labels.MetricName)!;
                }
            }
            else if (kinds[^1] == WalRecordType.Metadata)
            {
                for (var metadata = new MetadataRecordReader(record); metadata.MoveNext();)
                {
                    found(metadata.Ref, metadata.ToMetadata());
                }
            }
        }

        Assert.Empty(reader.Damages);
        return kinds;
    }
}
