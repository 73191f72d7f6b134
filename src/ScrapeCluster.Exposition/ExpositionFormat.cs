namespace ScrapeCluster.Exposition;

/// <summary>The exposition formats that are read.</summary>
public enum ExpositionFormat : byte
{
    /// <summary>Prometheus text 0.0.4 and 1.0.0.</summary>
    Text,

    /// <summary>OpenMetrics text 0.0.1 and 1.0.0.</summary>
    OpenMetrics,
}
