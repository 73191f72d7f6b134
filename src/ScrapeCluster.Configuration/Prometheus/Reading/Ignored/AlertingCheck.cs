using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>Checks <c>alerting</c>.</summary>
internal static class AlertingCheck
{
    public static void Check(YamlValue value, LabelNameRule scheme)
    {
        if (value.AsSection() is not { } section)
        {
            return;
        }

        RelabelReader.Read(section, "alert_relabel_configs", "empty or null alert relabeling rule", scheme);
        foreach (var item in section.ListWithoutNulls("alertmanagers", "empty or null Alertmanager config section"))
        {
            if (item.AsSection() is { } alertmanager)
            {
                CheckAlertmanager(alertmanager, scheme);
            }
        }

        section.Finish();
    }

    private static void CheckAlertmanager(Section section, LabelNameRule scheme)
    {
        section.String("scheme");
        section.String("path_prefix");
        section.Duration("timeout");
        section.Find("sigv4");
        if (section.String("api_version", "v2") is not "v2" and var version)
        {
            section.FaultAt("api_version", $"expected Alertmanager api version to be one of [v2] but got {version}");
        }

        RelabelReader.Read(section, "relabel_configs", "empty or null Alertmanager target relabeling rule", scheme);
        RelabelReader.Read(section, "alert_relabel_configs", "empty or null Alertmanager alert relabeling rule", scheme);
        SdReader.Read(section, scheme);
        HttpClientReader.Read(section);
        section.Finish();
    }
}
