using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Benchmarks.Storage;

/// <summary>Writes the log that <c>bench/replay.sh</c> lets others read: targets of 1,000 series, scraped every 15 s, the last time just now.</summary>
internal static class LogMode
{
    private const int SeriesPerTarget = 1000;
    private const long IntervalMs = 15_000;

    public static void Run(string directory, int seriesCount, int samples)
    {
        using var log = WalWriter.Open(Path.Combine(directory, "wal"));
        var batch = new WalBatch();
        var refs = new ulong[SeriesPerTarget];
        var values = new double[SeriesPerTarget];
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (samples * IntervalMs);
        for (var round = 0; round < samples; round++)
        {
            for (var first = 0; first < seriesCount; first += SeriesPerTarget)
            {
                batch.Clear();
                var count = Math.Min(SeriesPerTarget, seriesCount - first);
                for (var i = 0; i < count; i++)
                {
                    var series = first + i;
                    refs[i] = (ulong)series + 1;
                    values[i] = (series % 10) switch { < 5 => series, < 9 => series + (round * (1.0 + (series % 50))), _ => Math.Sin(series + round) * 1000 };
                    if (round == 0)
                    {
                        batch.AddSeries(refs[i], LabelsOf(series));
                    }
                }

                batch.AddSamples(refs.AsSpan(0, count), values.AsSpan(0, count), start + (round * IntervalMs) + (first / SeriesPerTarget % IntervalMs));
                if (log.Append(batch) is { } fault)
                {
                    throw new IOException(fault.ToString());
                }
            }
        }
    }

    private static Labels LabelsOf(int i) => Labels.Of(
        ("__name__", $"http_request_duration_seconds_{i % 10}"), ("code", $"{200 + (i % 5 * 100)}"), ("handler", $"/api/v1/resource/{i / 10 % 100}"),
        ("instance", $"t{i / SeriesPerTarget}"), ("job", "load"), ("method", i % 2 == 0 ? "GET" : "POST"), ("mode", $"m{i % SeriesPerTarget}"),
        ("zone", $"eu-west-1{(char)('a' + (i % 3))}"));
}
