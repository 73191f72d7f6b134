using ScrapeCluster.Model;

namespace ScrapeCluster.Exposition;

/// <summary>OpenMetrics text 1.0.0 and 0.0.1. Signature only so far: every page is a fault.</summary>
public ref struct OpenMetricsParser(ReadOnlySpan<byte> body) : IExpositionParser
{
    private readonly ReadOnlySpan<byte> _body = body;

    public ExpositionEntry Entry { get; }

    public ExpositionFault? Fault { get; private set; }

    public double Value { get; }

    public bool HasTimestamp { get; }

    public long TimestampMs { get; }

    public MetricType CurrentType { get; }

    public MetricType? MetadataType { get; }

    public readonly ReadOnlySpan<byte> SeriesBytes => default;

    public readonly ReadOnlySpan<byte> MetadataBytes => default;

    public readonly ReadOnlySpan<byte> FamilyName => default;

    public readonly ReadOnlySpan<byte> Text => default;

    public readonly string ReadText() => "";

    public readonly void ReadLabels(LabelsBuilder labels) => labels.Clear();

    public readonly bool TryMatchMetadata(ReadOnlySpan<byte> expected, MetricType? type) => false;

    public readonly bool TryMatchSeries(ReadOnlySpan<byte> expected) => false;

    public bool MoveNext()
    {
        Fault = ExpositionFault.At(_body, 0, 0, "OpenMetrics is not read yet");
        return false;
    }
}
