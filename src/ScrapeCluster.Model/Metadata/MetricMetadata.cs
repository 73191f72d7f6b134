namespace ScrapeCluster.Model;

/// <summary>Metric types, numbered as in WAL metadata records and in remote write 2.0.</summary>
public enum MetricType : byte
{
    Unknown = 0,
    Counter = 1,
    Gauge = 2,
    Histogram = 3,
    GaugeHistogram = 4,
    Summary = 5,
    Info = 6,
    StateSet = 7,
}

/// <summary>What a target says of one metric family.</summary>
public sealed record MetricMetadata(MetricType Type, string Help, string Unit);
