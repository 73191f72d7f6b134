using ScrapeCluster.Exposition;

namespace ScrapeCluster.Tests.Exposition;

public sealed class ContentTypesTests
{
    [Theory]
    [InlineData("text/plain", ExpositionFormat.Text)]
    [InlineData("text/plain; version=0.0.4; charset=utf-8", ExpositionFormat.Text)]
    [InlineData("text/plain;version=1.0.0;escaping=allow-utf-8", ExpositionFormat.Text)]
    [InlineData("TEXT/PLAIN", ExpositionFormat.Text)]
    [InlineData(" text/plain ; ", ExpositionFormat.Text)]
    [InlineData("text/plain; version=\"0.0.4\"", ExpositionFormat.Text)]
    [InlineData("application/openmetrics-text", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text; version=1.0.0; charset=utf-8", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text; version=77", ExpositionFormat.OpenMetrics)]
    public void TryChoose_KnownType_IsItsFormatWhateverTheParameters(string contentType, ExpositionFormat expected)
    {
        Assert.True(ContentTypes.TryChoose(contentType, null, out var format, out _));
        Assert.Equal(expected, format);
        Assert.True(ContentTypes.TryChoose(contentType, ExpositionFormat.OpenMetrics, out format, out _));
        Assert.Equal(expected, format);
    }

    [Theory]
    [InlineData(null, "blank Content-Type")]
    [InlineData("", "blank Content-Type")]
    [InlineData("  ", "blank Content-Type")]
    [InlineData("invalid/", "expected token after slash")]
    [InlineData("invalid/invalid/invalid", "unexpected content after media subtype")]
    [InlineData("/", "no media type")]
    [InlineData("text/plain; version", "invalid media parameter")]
    [InlineData("text/plain; version=", "invalid media parameter")]
    [InlineData("text/plain version=1", "unexpected content")]
    [InlineData("text/plain; charset=utf-8; charset=ascii", "duplicate parameter name")]
    [InlineData("text/html", "unsupported Content-Type")]
    [InlineData("text/html; charset=utf-8", "unsupported Content-Type")]
    [InlineData("plain", "unsupported Content-Type")]
    [InlineData("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited", "protobuf format is not read")]
    public void TryChoose_UnusableType_IsAFaultOrTheFallback(string? contentType, string expected)
    {
        Assert.False(ContentTypes.TryChoose(contentType, null, out _, out var fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.Contains("fallback_scrape_protocol", fault, StringComparison.Ordinal);

        Assert.True(ContentTypes.TryChoose(contentType, ExpositionFormat.OpenMetrics, out var format, out _));
        Assert.Equal(ExpositionFormat.OpenMetrics, format);
        Assert.True(ContentTypes.TryChoose(contentType, ExpositionFormat.Text, out format, out _));
        Assert.Equal(ExpositionFormat.Text, format);
    }
}
