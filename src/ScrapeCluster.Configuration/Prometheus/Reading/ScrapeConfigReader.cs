using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>Reads one job and completes it from <c>global</c>.</summary>
internal static class ScrapeConfigReader
{
    public static ScrapeConfig Read(Section section, GlobalConfig global)
    {
        var name = section.String("job_name");
        if (name.Length == 0)
        {
            section.FaultAt("job_name", "job_name is empty");
        }

        var owner = $"scrape config with job name \"{name}\"";
        var job = new ScrapeConfig
        {
            JobName = name,
            HonorLabels = section.Bool("honor_labels"),
            HonorTimestamps = section.Bool("honor_timestamps", true),
            TrackTimestampsStaleness = section.Bool("track_timestamps_staleness"),
            MetricsPath = section.String("metrics_path", "/metrics"),
            Scheme = section.String("scheme", "http"),
            Params = [.. section.Map("params").Select(p => new UrlParam(p.Key.AsString(), p.Value.AsStrings()))],
            FallbackScrapeProtocol = ScrapeProtocolReader.ReadFallback(section, owner),
            EnableCompression = section.Bool("enable_compression", true),
            NativeHistogramBucketLimit = section.Count("native_histogram_bucket_limit"),
            NativeHistogramMinBucketFactor = section.Double("native_histogram_min_bucket_factor"),
            ScrapeFailureLogFile = OrGlobal(section.Place.Context.Resolve(section.String("scrape_failure_log_file")), global.ScrapeFailureLogFile),
            HttpClient = HttpClientReader.Read(section),
        };
        job = ReadSchedule(section, global, owner, job);
        job = ReadLimits(section, global, job);
        job = ReadFormats(section, global, owner, job);
        job = ReadTargets(section, job);
        section.Finish();
        return job;
    }

    private static ScrapeConfig ReadSchedule(Section section, GlobalConfig global, string owner, ScrapeConfig job)
    {
        var interval = section.Duration("scrape_interval");
        var timeout = section.Duration("scrape_timeout");
        interval = interval == TimeSpan.Zero ? global.ScrapeInterval : interval;
        if (timeout > interval)
        {
            section.FaultAt("scrape_timeout", $"scrape timeout greater than scrape interval for {owner}");
        }

        if (timeout == TimeSpan.Zero)
        {
            timeout = global.ScrapeTimeout > interval ? interval : global.ScrapeTimeout;
        }

        return job with { ScrapeInterval = interval, ScrapeTimeout = timeout };
    }

    private static ScrapeConfig ReadLimits(Section section, GlobalConfig global, ScrapeConfig job) => job with
    {
        BodySizeLimit = OrGlobal(section.Size("body_size_limit"), global.BodySizeLimit),
        SampleLimit = OrGlobal(section.Count("sample_limit"), global.SampleLimit),
        TargetLimit = OrGlobal(section.Count("target_limit"), global.TargetLimit),
        LabelLimit = OrGlobal(section.Count("label_limit"), global.LabelLimit),
        LabelNameLengthLimit = OrGlobal(section.Count("label_name_length_limit"), global.LabelNameLengthLimit),
        LabelValueLengthLimit = OrGlobal(section.Count("label_value_length_limit"), global.LabelValueLengthLimit),
        KeepDroppedTargets = OrGlobal(section.Count("keep_dropped_targets"), global.KeepDroppedTargets),
    };

    private static ScrapeConfig ReadFormats(Section section, GlobalConfig global, string owner, ScrapeConfig job)
    {
        var native = section.OptionalBool("scrape_native_histograms") ?? global.ScrapeNativeHistograms;
        var inherited = global.ScrapeProtocols.Count > 0 ? global.ScrapeProtocols : null;
        var validation = NameSchemes.ReadValidation(section) ?? global.MetricNameValidationScheme;
        var escaping = NameSchemes.ReadEscaping(section) ?? global.MetricNameEscapingScheme;
        NameSchemes.CheckAgreement(section, validation, escaping);
        return job with
        {
            ScrapeNativeHistograms = native,
            AlwaysScrapeClassicHistograms = section.OptionalBool("always_scrape_classic_histograms") ?? global.AlwaysScrapeClassicHistograms,
            ConvertClassicHistogramsToNhcb = section.OptionalBool("convert_classic_histograms_to_nhcb") ?? global.ConvertClassicHistogramsToNhcb,
            ExtraScrapeMetrics = section.OptionalBool("extra_scrape_metrics") ?? global.ExtraScrapeMetrics,
            ScrapeProtocols = ScrapeProtocolReader.ReadList(section, owner) ?? inherited
                ?? (native ? ScrapeProtocolNames.ProtobufFirst : ScrapeProtocolNames.Default),
            MetricNameValidationScheme = validation,
            MetricNameEscapingScheme = escaping ?? NameSchemes.DefaultEscaping(validation),
        };
    }

    private static ScrapeConfig ReadTargets(Section section, ScrapeConfig job)
    {
        var scheme = job.MetricNameValidationScheme;
        job = job with
        {
            RelabelConfigs = RelabelReader.Read(section, "relabel_configs", "empty or null target relabeling rule in scrape config", scheme),
            MetricRelabelConfigs = RelabelReader.Read(section, "metric_relabel_configs", "empty or null metric relabeling rule in scrape config", scheme),
            ServiceDiscovery = SdReader.Read(section, scheme),
        };
        if (job.RelabelConfigs.Count == 0)
        {
            CheckStaticAddresses(section, job.ServiceDiscovery);
        }

        return job;
    }

    /// <summary>A URL as a target is a common mistake; relabelling could still make an address of it, so it is a fault only without.</summary>
    private static void CheckStaticAddresses(Section section, ValueList<SdConfig> discovery)
    {
        foreach (var target in discovery.OfType<StaticSdConfig>().SelectMany(config => config.Groups).SelectMany(group => group.Targets))
        {
            if (target.Get("__address__") is { } address && address.Contains('/', StringComparison.Ordinal))
            {
                section.FaultAt("static_configs", $"{LabelText.Quote(address)} is not a valid hostname");
            }
        }
    }

    private static long OrGlobal(long own, long inherited) => own == 0 ? inherited : own;

    private static string OrGlobal(string own, string inherited) => own.Length == 0 ? inherited : own;
}
