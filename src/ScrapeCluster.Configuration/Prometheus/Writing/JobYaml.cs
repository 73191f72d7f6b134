using System.Globalization;
using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>Writes one job, its discovery and its relabelling.</summary>
internal static class JobYaml
{
    public static void Write(YamlWriter writer, ScrapeConfig job)
    {
        writer.Always("job_name", job.JobName);
        writer.Field("honor_labels", job.HonorLabels);
        writer.Always("honor_timestamps", job.HonorTimestamps);
        writer.Always("track_timestamps_staleness", job.TrackTimestampsStaleness);
        WriteParams(writer, "params", job.Params);
        writer.Field("scrape_interval", job.ScrapeInterval);
        writer.Field("scrape_timeout", job.ScrapeTimeout);
        writer.Texts("scrape_protocols", [.. job.ScrapeProtocols.Select(protocol => protocol.Name())]);
        writer.Field("fallback_scrape_protocol", job.FallbackScrapeProtocol?.Name() ?? "");
        writer.Always("scrape_native_histograms", job.ScrapeNativeHistograms);
        writer.Always("always_scrape_classic_histograms", job.AlwaysScrapeClassicHistograms);
        writer.Always("convert_classic_histograms_to_nhcb", job.ConvertClassicHistogramsToNhcb);
        writer.Always("extra_scrape_metrics", job.ExtraScrapeMetrics);
        writer.Field("scrape_failure_log_file", job.ScrapeFailureLogFile);
        writer.Field("metrics_path", job.MetricsPath);
        writer.Field("scheme", job.Scheme);
        writer.Always("enable_compression", job.EnableCompression);
        WriteLimits(writer, job);
        writer.Always("metric_name_validation_scheme", Name(job.MetricNameValidationScheme));
        writer.Always("metric_name_escaping_scheme", Name(job.MetricNameEscapingScheme));
        HttpClientYaml.Write(writer, job.HttpClient);
        WriteRelabelling(writer, "relabel_configs", job.RelabelConfigs);
        WriteRelabelling(writer, "metric_relabel_configs", job.MetricRelabelConfigs);
        SdYaml.Write(writer, job.ServiceDiscovery);
    }

    public static string Name(LabelNameRule scheme) => scheme == LabelNameRule.Legacy ? "legacy" : "utf8";

    public static string Name(NameEscapingScheme scheme) => scheme switch
    {
        NameEscapingScheme.AllowUtf8 => "allow-utf-8",
        NameEscapingScheme.Underscores => "underscores",
        NameEscapingScheme.Dots => "dots",
        _ => "values",
    };

    public static void WriteParams(YamlWriter writer, string key, ValueList<UrlParam> parameters)
    {
        if (parameters.Count > 0)
        {
            writer.Map(key, () =>
            {
                foreach (var (name, values) in parameters)
                {
                    writer.Text(name);
                    writer.List(values, writer.Text);
                }
            });
        }
    }

    public static void WriteRelabelling(YamlWriter writer, string key, ValueList<RelabelConfig> rules)
    {
        writer.List(key, rules, rule => writer.Map(() =>
        {
            writer.Texts("source_labels", [.. rule.SourceLabels]);
            writer.Always("separator", rule.Separator);
            writer.Always("regex", rule.Regex);
            writer.Field("modulus", rule.Modulus);
            writer.Field("target_label", rule.TargetLabel);
            writer.Always("replacement", rule.Replacement);
            writer.Always("action", rule.Action.ToString().ToLowerInvariant());
        }));
    }

    private static void WriteLimits(YamlWriter writer, ScrapeConfig job)
    {
        writer.Size("body_size_limit", job.BodySizeLimit);
        writer.Field("sample_limit", job.SampleLimit);
        writer.Field("target_limit", job.TargetLimit);
        writer.Field("label_limit", job.LabelLimit);
        writer.Field("label_name_length_limit", job.LabelNameLengthLimit);
        writer.Field("label_value_length_limit", job.LabelValueLengthLimit);
        writer.Field("native_histogram_bucket_limit", job.NativeHistogramBucketLimit);
        if (job.NativeHistogramMinBucketFactor != 0)
        {
            writer.Plain("native_histogram_min_bucket_factor");
            writer.Plain(job.NativeHistogramMinBucketFactor.ToString("R", CultureInfo.InvariantCulture));
        }

        writer.Field("keep_dropped_targets", job.KeepDroppedTargets);
    }
}
