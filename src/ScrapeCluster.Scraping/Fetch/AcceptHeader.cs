using System.Globalization;
using System.Text;
using ScrapeCluster.Configuration;

namespace ScrapeCluster.Scraping;

/// <summary>
/// The Accept header of a job: its protocols in order, weights from 0.6 down in steps of 0.1, then anything. PrometheusProto is left out, since
/// protobuf is not read by this version; the weights are those of a list without it.
/// </summary>
internal static class AcceptHeader
{
    public static string For(IEnumerable<ScrapeProtocol> protocols, NameEscapingScheme escaping)
    {
        var text = new StringBuilder();
        var tenths = 6;
        foreach (var protocol in protocols)
        {
            if (MediaTypeOf(protocol, escaping) is { } mediaType)
            {
                text.Append(CultureInfo.InvariantCulture, $"{mediaType};q=0.{tenths},");
                tenths--;
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"*/*;q=0.{tenths}").ToString();
    }

    private static string? MediaTypeOf(ScrapeProtocol protocol, NameEscapingScheme escaping) => protocol switch
    {
        ScrapeProtocol.PrometheusText004 => "text/plain;version=0.0.4",
        ScrapeProtocol.PrometheusText100 => $"text/plain;version=1.0.0;escaping={Word(escaping)}",
        ScrapeProtocol.OpenMetricsText001 => "application/openmetrics-text;version=0.0.1",
        ScrapeProtocol.OpenMetricsText100 => $"application/openmetrics-text;version=1.0.0;escaping={Word(escaping)}",
        _ => null,
    };

    private static string Word(NameEscapingScheme escaping) => escaping switch
    {
        NameEscapingScheme.Underscores => "underscores",
        NameEscapingScheme.Dots => "dots",
        NameEscapingScheme.Values => "values",
        _ => "allow-utf-8",
    };
}
