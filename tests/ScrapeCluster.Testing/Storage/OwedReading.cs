using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Testing.Storage;

/// <summary>The log as a queue of remote write reads it that goes on at a place: the series of everything before, then all records up to the end.</summary>
/// <param name="Samples">Of which the series is known, in order; the text of its labels.</param>
/// <param name="Unknown">Samples of which no series record was read.</param>
public sealed record OwedReading(IReadOnlyList<(string Series, long TimestampMs, double Value)> Samples, int Unknown, int LostSegments, long DamagedPlaces)
{
    public static OwedReading From(string walDirectory, WalPublication published, WalPosition start)
    {
        var series = new Dictionary<ulong, string>();
        Learn(series, walDirectory, start);
        var samples = new List<(string, long, double)>();
        var unknown = 0;
        using var tailer = new WalTailer(walDirectory, published, start);
        var lost = 0;
        while (tailer.TryRead(out var record))
        {
            if (tailer.LostSegments > lost)
            {
                lost = tailer.LostSegments;
                Learn(series, walDirectory, tailer.RecordPosition);
            }

            Add(series, record);
            if ((WalRecordType)record[0] != WalRecordType.Samples)
            {
                continue;
            }

            for (var entries = new SamplesRecordReader(record); entries.MoveNext();)
            {
                if (series.TryGetValue(entries.Ref, out var labels))
                {
                    samples.Add((labels, entries.TimestampMs, entries.Value));
                }
                else
                {
                    unknown++;
                }
            }
        }

        return new OwedReading(samples, unknown, tailer.LostSegments, tailer.DamagedPlaces);
    }

    private static void Learn(Dictionary<ulong, string> series, string walDirectory, WalPosition end)
    {
        using var reader = new WalReader(walDirectory, end);
        while (reader.TryRead(out var record))
        {
            Add(series, record);
        }
    }

    private static void Add(Dictionary<ulong, string> series, ReadOnlySpan<byte> record)
    {
        if ((WalRecordType)record[0] != WalRecordType.Series)
        {
            return;
        }

        var labels = new LabelsBuilder();
        for (var entries = new SeriesRecordReader(record); entries.MoveNext();)
        {
            entries.ReadLabels(labels);
            series[entries.Ref] = labels.ToLabels().ToString();
        }
    }
}
