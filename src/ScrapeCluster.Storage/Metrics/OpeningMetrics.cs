using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Opening;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Metrics;

/// <summary>What was found in the log at the start.</summary>
internal static class OpeningMetrics
{
    public static void Register(MetricsRegistry registry, PassedEntries passed)
    {
        registry.Callback(
            MetricType.Counter,
            "scrapecluster_wal_passed_entries_total",
            "Entries of the write-ahead log, of kinds that are not stored here, passed over at the start and kept in place.",
            ["kind"],
            () => [.. RecordKinds.All.Where(kind => passed[kind.Type] > 0).Select(kind => new Observation(passed[kind.Type], kind.Name))]);
    }
}
