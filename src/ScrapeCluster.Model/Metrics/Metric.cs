namespace ScrapeCluster.Model.Metrics;

/// <summary>One child of a family. Safe for concurrent use.</summary>
public abstract class Metric
{
    private protected Metric()
    {
    }

    /// <param name="labels">Rendered pairs without braces, such as <c>job="a",reason="b"</c>, or empty.</param>
    internal abstract void Write(MetricsWriter writer, MetricFamily family, string labels);
}
