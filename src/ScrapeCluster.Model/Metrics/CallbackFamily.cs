namespace ScrapeCluster.Model.Metrics;

/// <summary>One value read when the page is asked for.</summary>
public readonly record struct Observation(double Value, params string[] LabelValues);

/// <summary>A family whose values live elsewhere and are read when the page is asked for, on the reader's thread.</summary>
public sealed class CallbackFamily : MetricFamily
{
    private readonly Func<IEnumerable<Observation>> _read;

    internal CallbackFamily(MetricType type, string name, string help, IReadOnlyList<string> labelNames, Func<IEnumerable<Observation>> read)
        : base(type, name, help, labelNames)
    {
        _read = read;
    }

    internal override void WriteSamples(MetricsWriter writer)
    {
        foreach (var observation in _read())
        {
            writer.Sample(Name, "", Render(observation.LabelValues), observation.Value);
        }
    }
}
