using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>
/// Writes a configuration as Prometheus shows it: defaults and inheritance filled in, empty settings left out, secrets masked.
/// Sections that are ignored follow as they were written.
/// </summary>
internal static class ConfigYaml
{
    public static string Write(PrometheusConfig config, YamlValue? root)
    {
        var writer = new YamlWriter();
        writer.Map(() =>
        {
            writer.Map("global", () => WriteGlobal(writer, config.Global));
            writer.List("scrape_configs", config.ScrapeConfigs, job => writer.Map(() => JobYaml.Write(writer, job)));
            writer.List("remote_write", config.RemoteWrites, receiver => writer.Map(() => RemoteWriteYaml.Write(writer, receiver)));
            foreach (var section in config.IgnoredSections)
            {
                WriteIgnored(writer, section.Name, root);
            }
        });
        return writer.Finish();
    }

    private static void WriteGlobal(YamlWriter writer, GlobalConfig global)
    {
        writer.Field("scrape_interval", global.ScrapeInterval);
        writer.Field("scrape_timeout", global.ScrapeTimeout);
        var protocols = global.ScrapeProtocols.Count > 0 ? global.ScrapeProtocols : ScrapeProtocolNames.Default;
        writer.Texts("scrape_protocols", [.. protocols.Select(protocol => protocol.Name())]);
        writer.Field("evaluation_interval", global.EvaluationInterval);
        writer.Field("rule_query_offset", global.RuleQueryOffset);
        writer.Field("query_log_file", global.QueryLogFile);
        writer.Field("scrape_failure_log_file", global.ScrapeFailureLogFile);
        WriteLabels(writer, "external_labels", global.ExternalLabels);
        writer.Size("body_size_limit", global.BodySizeLimit);
        writer.Field("sample_limit", global.SampleLimit);
        writer.Field("target_limit", global.TargetLimit);
        writer.Field("label_limit", global.LabelLimit);
        writer.Field("label_name_length_limit", global.LabelNameLengthLimit);
        writer.Field("label_value_length_limit", global.LabelValueLengthLimit);
        writer.Field("keep_dropped_targets", global.KeepDroppedTargets);
        writer.Always("metric_name_validation_scheme", JobYaml.Name(global.MetricNameValidationScheme));
        writer.Field("metric_name_escaping_scheme", global.MetricNameEscapingScheme is { } escaping ? JobYaml.Name(escaping) : "");
        writer.Field("scrape_native_histograms", global.ScrapeNativeHistograms);
        writer.Field("always_scrape_classic_histograms", global.AlwaysScrapeClassicHistograms);
        writer.Field("convert_classic_histograms_to_nhcb", global.ConvertClassicHistogramsToNhcb);
        writer.Field("extra_scrape_metrics", global.ExtraScrapeMetrics);
    }

    internal static void WriteLabels(YamlWriter writer, string key, Labels labels)
    {
        if (!labels.IsEmpty)
        {
            writer.Map(key, () =>
            {
                foreach (var (name, value) in labels.ToPairs())
                {
                    writer.Always(name, value);
                }
            });
        }
    }

    private static void WriteIgnored(YamlWriter writer, string name, YamlValue? root)
    {
        foreach (var (_, key, value) in root?.Node is YamlMapping mapping ? YamlKeys.Merged(mapping) : [])
        {
            if (key == name)
            {
                writer.Plain(key);
                YamlText.Write(writer, value, maskSecrets: true);
            }
        }
    }
}
