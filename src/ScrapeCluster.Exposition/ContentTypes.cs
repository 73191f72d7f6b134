using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Exposition;

/// <summary>Which format an answer is in, by its Content-Type; parameters do not matter.</summary>
public static class ContentTypes
{
    public const string Text = "text/plain";
    public const string OpenMetrics = "application/openmetrics-text";
    public const string Protobuf = "application/vnd.google.protobuf";

    /// <summary>
    /// The format, or the job's <paramref name="fallback"/> (setting <c>fallback_scrape_protocol</c>) when the header is blank, malformed or of another type;
    /// without a fallback that is a fault of the scrape.
    /// </summary>
    public static bool TryChoose(string? contentType, ExpositionFormat? fallback, out ExpositionFormat format, [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        var known = Known(MediaType.TryParse(contentType ?? "", out var mediaType, out var malformed) ? mediaType : "");
        if ((known ?? fallback) is { } chosen)
        {
            format = chosen;
            return true;
        }

        format = default;
        fault = (contentType ?? "").Trim().Length == 0
            ? "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target"
            : malformed is not null
                ? $"cannot parse Content-Type \"{contentType}\" ({malformed}) and no fallback_scrape_protocol for target"
                : mediaType == Protobuf
                    ? $"received Content-Type \"{contentType}\": the protobuf format is not read by this version and no fallback_scrape_protocol for target"
                    : $"received unsupported Content-Type \"{contentType}\" and no fallback_scrape_protocol specified for target";
        return false;
    }

    private static ExpositionFormat? Known(string mediaType) => mediaType switch
    {
        Text => ExpositionFormat.Text,
        OpenMetrics => ExpositionFormat.OpenMetrics,
        _ => null,
    };
}
