namespace ScrapeCluster.Configuration;

/// <summary>A page format that a scrape may ask for.</summary>
public enum ScrapeProtocol
{
    PrometheusProto,
    PrometheusText004,
    PrometheusText100,
    OpenMetricsText001,
    OpenMetricsText100,
}

/// <summary>How a target is asked to write names that are not legacy names.</summary>
public enum NameEscapingScheme
{
    AllowUtf8,
    Underscores,
    Dots,
    Values,
}

/// <summary>The protocols as <c>scrape_protocols</c> spells them, and the lists used when it is left out.</summary>
public static class ScrapeProtocolNames
{
    /// <summary>Asked for when nothing is configured (behaviour of Prometheus 3).</summary>
    public static readonly ValueList<ScrapeProtocol> Default =
    [
        ScrapeProtocol.OpenMetricsText100, ScrapeProtocol.OpenMetricsText001, ScrapeProtocol.PrometheusText100, ScrapeProtocol.PrometheusText004,
    ];

    /// <summary>Asked for when nothing is configured and native histograms are wanted: only protobuf carries them.</summary>
    public static readonly ValueList<ScrapeProtocol> ProtobufFirst = [ScrapeProtocol.PrometheusProto, .. Default];

    /// <summary>All of them, sorted by spelling, as error texts list them.</summary>
    public static readonly ValueList<ScrapeProtocol> All =
    [
        ScrapeProtocol.OpenMetricsText001, ScrapeProtocol.OpenMetricsText100, ScrapeProtocol.PrometheusProto, ScrapeProtocol.PrometheusText004,
        ScrapeProtocol.PrometheusText100,
    ];

    public static string Name(this ScrapeProtocol protocol) => protocol switch
    {
        ScrapeProtocol.PrometheusProto => "PrometheusProto",
        ScrapeProtocol.PrometheusText004 => "PrometheusText0.0.4",
        ScrapeProtocol.PrometheusText100 => "PrometheusText1.0.0",
        ScrapeProtocol.OpenMetricsText001 => "OpenMetricsText0.0.1",
        ScrapeProtocol.OpenMetricsText100 => "OpenMetricsText1.0.0",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "not a scrape protocol"),
    };

    /// <summary>The protocol of that exact spelling (case matters).</summary>
    public static bool TryParse(string name, out ScrapeProtocol protocol)
    {
        foreach (var candidate in All)
        {
            if (string.Equals(candidate.Name(), name, StringComparison.Ordinal))
            {
                protocol = candidate;
                return true;
            }
        }

        protocol = default;
        return false;
    }
}
