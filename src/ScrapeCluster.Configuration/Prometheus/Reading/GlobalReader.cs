using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>Reads <c>global</c>. A global section that is empty or null means the defaults.</summary>
internal static class GlobalReader
{
    public static GlobalConfig Read(YamlValue? value)
    {
        if (value?.AsSection() is not { } section)
        {
            return new();
        }

        var validation = NameSchemes.ReadValidation(section) ?? LabelNameRule.Utf8;
        var global = new GlobalConfig
        {
            EvaluationInterval = OrMinute(section.Duration("evaluation_interval")),
            RuleQueryOffset = section.Duration("rule_query_offset"),
            QueryLogFile = section.Place.Context.Resolve(section.String("query_log_file")),
            ScrapeFailureLogFile = section.Place.Context.Resolve(section.String("scrape_failure_log_file")),
            ExternalLabels = ReadExternalLabels(section, validation),
            ScrapeProtocols = ScrapeProtocolReader.ReadList(section, "global config") ?? [],
            BodySizeLimit = section.Size("body_size_limit"),
            SampleLimit = section.Count("sample_limit"),
            TargetLimit = section.Count("target_limit"),
            LabelLimit = section.Count("label_limit"),
            LabelNameLengthLimit = section.Count("label_name_length_limit"),
            LabelValueLengthLimit = section.Count("label_value_length_limit"),
            KeepDroppedTargets = section.Count("keep_dropped_targets"),
            MetricNameValidationScheme = validation,
            MetricNameEscapingScheme = NameSchemes.ReadEscaping(section),
            ScrapeNativeHistograms = section.Bool("scrape_native_histograms"),
            AlwaysScrapeClassicHistograms = section.Bool("always_scrape_classic_histograms"),
            ConvertClassicHistogramsToNhcb = section.Bool("convert_classic_histograms_to_nhcb"),
            ExtraScrapeMetrics = section.Bool("extra_scrape_metrics"),
        };
        NameSchemes.CheckAgreement(section, validation, global.MetricNameEscapingScheme);
        global = ReadSchedule(section, global);
        section.Finish();
        return global;
    }

    private static GlobalConfig ReadSchedule(Section section, GlobalConfig global)
    {
        var interval = OrMinute(section.Duration("scrape_interval"));
        var timeout = section.Duration("scrape_timeout");
        if (timeout > interval)
        {
            section.FaultAt("scrape_timeout", "global scrape timeout greater than scrape interval");
        }

        if (timeout == TimeSpan.Zero)
        {
            timeout = interval < global.ScrapeTimeout ? interval : global.ScrapeTimeout;
        }

        return global with { ScrapeInterval = interval, ScrapeTimeout = timeout };
    }

    private static Labels ReadExternalLabels(Section section, LabelNameRule scheme)
    {
        return LabelRules.ReadMap(section.Map("external_labels"), scheme, Expand);
    }

    private static string Expand(YamlValue value, string text)
    {
        return EnvironmentText.Expand(text, name =>
        {
            var content = value.Context.Environment(name);
            if (string.IsNullOrEmpty(content))
            {
                value.Warn($"the environment variable {name} is empty");
            }

            return content ?? "";
        });
    }

    private static TimeSpan OrMinute(TimeSpan value) => value == TimeSpan.Zero ? TimeSpan.FromMinutes(1) : value;
}
