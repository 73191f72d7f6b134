using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Configuration.Prometheus;

/// <summary>What a valid file means: defaults, inheritance, forms of values.</summary>
public sealed class ConfigReadingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("global:\nscrape_configs:\nremote_write:\n")]
    [InlineData("global: {}\n")]
    public void Parse_EmptySections_GiveDefaults(string yaml)
    {
        var config = Parse(yaml);
        Assert.Equal(new GlobalConfig(), config.Global);
        Assert.Empty(config.ScrapeConfigs);
        Assert.Empty(config.IgnoredSections);
    }

    [Fact]
    public void Parse_BareJob_TakesPrometheusDefaults()
    {
        var job = Job("{job_name: a}");
        Assert.Equal(new ScrapeConfig { JobName = "a" }, job);
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10)), (job.ScrapeInterval, job.ScrapeTimeout));
        Assert.Equal(("/metrics", "http", true, true, false), (job.MetricsPath, job.Scheme, job.HonorTimestamps, job.EnableCompression, job.HonorLabels));
        Assert.Equal(
            ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"], job.ScrapeProtocols.Select(p => p.Name()));
    }

    [Fact]
    public void Parse_Job_InheritsWhatItLeavesOut()
    {
        const string Global = "global: {scrape_interval: 20s, scrape_timeout: 15s, sample_limit: 5, body_size_limit: 1MB, label_limit: 3, "
            + "keep_dropped_targets: 9, scrape_native_histograms: true, always_scrape_classic_histograms: true, scrape_failure_log_file: /f}\n";
        var jobs = Parse(Global + "scrape_configs:\n- job_name: a\n- {job_name: b, scrape_interval: 10s, sample_limit: 7, scrape_native_histograms: false}").ScrapeConfigs;
        Assert.Equal((20, 15, 5, 1 << 20, 3, 9), Numbers(jobs[0]));
        Assert.Equal((10, 10, 7, 1 << 20, 3, 9), Numbers(jobs[1]));
        Assert.Equal(ScrapeProtocolNames.ProtobufFirst, jobs[0].ScrapeProtocols);
        Assert.Equal(ScrapeProtocolNames.Default, jobs[1].ScrapeProtocols);
        Assert.All(jobs, job => Assert.True(job.AlwaysScrapeClassicHistograms));
        Assert.All(jobs, job => Assert.Equal("/f", job.ScrapeFailureLogFile));

        static (double Interval, double Timeout, long Samples, long Body, long Labels, long Dropped) Numbers(ScrapeConfig job) => (
            job.ScrapeInterval.TotalSeconds, job.ScrapeTimeout.TotalSeconds, job.SampleLimit, job.BodySizeLimit, job.LabelLimit, job.KeepDroppedTargets);
    }

    [Theory]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("0xffff_ffff_ffff_ffff", ulong.MaxValue)]
    [InlineData("9223372036854775808", 1UL << 63)]
    [InlineData("1e3", 1000)]
    public void Parse_Modulus_HasSixtyFourBits(string text, ulong expected)
    {
        var job = Job($"{{job_name: a, relabel_configs: [{{action: hashmod, source_labels: [a], target_label: b, modulus: {text}}}]}}");
        Assert.Equal(expected, job.RelabelConfigs[0].Modulus);
    }

    [Fact]
    public void Parse_LimitsAndSizesOfSixtyFourBits_AreTaken()
    {
        Assert.Equal(long.MaxValue, Job("{job_name: a, sample_limit: 18446744073709551615}").SampleLimit);
        var queue = Parse("remote_write: [{url: 'http://a', queue_config: {capacity: 9223372036854775807}}]").RemoteWrites[0].Queue;
        Assert.Equal(int.MaxValue, queue.Capacity);
    }

    [Theory]
    [InlineData("5s", 5, 5)]
    [InlineData("10s", 10, 10)]
    [InlineData("2m", 120, 10)]
    [InlineData("0", 60, 10)]
    public void Parse_GlobalWithoutTimeout_TakesTheShorterOfTenSecondsAndTheInterval(string interval, double seconds, double timeout)
    {
        var global = Parse($"global: {{scrape_interval: {interval}}}").Global;
        Assert.Equal((seconds, timeout), (global.ScrapeInterval.TotalSeconds, global.ScrapeTimeout.TotalSeconds));
    }

    [Theory]
    [InlineData("", "", NameEscapingScheme.AllowUtf8)]
    [InlineData("metric_name_validation_scheme: legacy", "", NameEscapingScheme.Underscores)]
    [InlineData("", "metric_name_validation_scheme: legacy", NameEscapingScheme.Underscores)]
    [InlineData("metric_name_validation_scheme: legacy, metric_name_escaping_scheme: values", "", NameEscapingScheme.Values)]
    [InlineData("metric_name_validation_scheme: legacy", "metric_name_validation_scheme: utf8", NameEscapingScheme.AllowUtf8)]
    [InlineData("metric_name_escaping_scheme: dots", "metric_name_escaping_scheme: values", NameEscapingScheme.Values)]
    public void Parse_EscapingScheme_FollowsValidationUnlessSet(string global, string job, NameEscapingScheme expected)
    {
        Assert.Equal(expected, Parse($"global: {{{global}}}\nscrape_configs:\n- {{job_name: a, {job}}}").ScrapeConfigs[0].MetricNameEscapingScheme);
    }

    [Fact]
    public void Parse_NullValues_ReadAsZeroOfTheirType()
    {
        var job = Job("{job_name: a, honor_timestamps: , metrics_path: ~, relabel_configs: [{regex: , replacement: b, target_label: c}]}");
        Assert.Equal((false, "", ""), (job.HonorTimestamps, job.MetricsPath, job.RelabelConfigs[0].Regex));
    }

    [Theory]
    [InlineData("yes", true)]
    [InlineData("On", true)]
    [InlineData("y", true)]
    [InlineData("TRUE", true)]
    [InlineData("no", false)]
    [InlineData("off", false)]
    [InlineData("n", false)]
    public void Parse_Booleans_AreThoseOfYaml11(string text, bool expected) => Assert.Equal(expected, Job($"{{job_name: a, honor_labels: {text}}}").HonorLabels);

    [Theory]
    [InlineData("1_000", 1000)]
    [InlineData("0x10", 16)]
    [InlineData("010", 8)]
    [InlineData("0b11", 3)]
    [InlineData("1e3", 1000)]
    [InlineData("+7", 7)]
    public void Parse_Integers_AreThoseOfYaml11(string text, long expected) => Assert.Equal(expected, Job($"{{job_name: a, sample_limit: {text}}}").SampleLimit);

    [Fact]
    public void Parse_ScalarsAsStrings_KeepTheirText()
    {
        var group = Assert.IsType<StaticSdConfig>(Job("{job_name: 0123, static_configs: [{targets: [a:1, 12], labels: {x: 1.50, y: true, z: 0x1F}}]}").ServiceDiscovery[0]).Groups[0];
        Assert.Equal(Labels.Of(("x", "1.50"), ("y", "true"), ("z", "0x1F")), group.Labels);
        Assert.Equal([Labels.Of(("__address__", "a:1")), Labels.Of(("__address__", "12"))], group.Targets);
        Assert.Equal("0", group.Source);
    }

    [Fact]
    public void Parse_AnchorsAndMergeKeys_AreAppliedAndOwnKeysWin()
    {
        const string Yaml = """
            scrape_configs:
              - &base
                job_name: a
                scrape_interval: 7s
                scrape_timeout: 2s
                static_configs: &targets
                  - targets: [x]
              - <<: *base
                job_name: b
                scrape_timeout: 3s
              - job_name: c
                static_configs: *targets
            """;
        var jobs = Parse(Yaml).ScrapeConfigs;
        Assert.Equal(("b", 7, 3), (jobs[1].JobName, jobs[1].ScrapeInterval.TotalSeconds, jobs[1].ScrapeTimeout.TotalSeconds));
        Assert.Equal(jobs[0].ServiceDiscovery, jobs[1].ServiceDiscovery);
        Assert.Equal(jobs[0].ServiceDiscovery, jobs[2].ServiceDiscovery);
    }

    [Fact]
    public void Parse_ExternalLabels_ExpandTheEnvironment()
    {
        var result = PrometheusConfigFile.Parse(
            "global: {external_labels: {a: 'x-${ONE}', b: $ONE$TWO, c: '$$5', d: 'a$', e: '${}z', f: '${none}', g: $1x}}",
            environment: name => name switch { "ONE" => "1", "TWO" => "2", _ => null });
        Assert.True(result.TryGet(out var config), result.FaultText());
        Assert.Equal(Labels.Of(("a", "x-1"), ("b", "12"), ("c", "$5"), ("d", "a$"), ("e", "z"), ("g", "x")), config.Global.ExternalLabels);
        Assert.Equal(2, config.Warnings.Count(warning => warning.Contains("environment variable", StringComparison.Ordinal)));
    }

    [Fact]
    public void Parse_BearerToken_BecomesAuthorization()
    {
        Assert.Equal(new AuthorizationConfig { Credentials = new("t") }, Job("{job_name: a, bearer_token: t}").HttpClient.Authorization);
        Assert.Equal(new AuthorizationConfig { CredentialsFile = "/etc/p/t" }, Job("{job_name: a, bearer_token_file: t}").HttpClient.Authorization);
    }

    [Fact]
    public void Parse_RelativePaths_StartAtTheFile()
    {
        var job = Job("{job_name: a, tls_config: {ca_file: ca.pem}, file_sd_configs: [{files: [sd/*.yml, /abs/b.json]}], basic_auth: {password_file: ../p2}}");
        Assert.Equal(("/etc/p/ca.pem", "/etc/p2"), (job.HttpClient.Tls.CaFile, job.HttpClient.BasicAuth!.PasswordFile));
        Assert.Equal(["/etc/p/sd/*.yml", "/abs/b.json"], Assert.IsType<FileSdConfig>(job.ServiceDiscovery[0]).Files);
    }

    [Fact]
    public void Parse_RemoteWrite_TakesPrometheusDefaults()
    {
        var receiver = Parse("remote_write: [{url: 'http://a/b'}]").RemoteWrites[0];
        Assert.Equal(new RemoteWriteConfig { Url = "http://a/b" }, receiver);
        Assert.Equal((false, 10_000, 50, 2_000), (receiver.HttpClient.EnableHttp2, receiver.Queue.Capacity, receiver.Queue.MaxShards, receiver.Queue.MaxSamplesPerSend));
        Assert.Equal((true, TimeSpan.FromMinutes(1)), (receiver.Metadata.Send, receiver.Metadata.SendInterval));
    }

    [Fact]
    public void Parse_OtherSections_AreIgnoredWithTheirConsequence()
    {
        var config = Parse("rule_files: [a.yml]\nalerting:\nstorage: {tsdb: {out_of_order_time_window: 30m}}\nremote_read: []\n");
        Assert.Equal([("rule_files", 1), ("storage", 3)], config.IgnoredSections.Select(section => (section.Name, section.Line)));
        Assert.Contains("none of their alerts fires", config.IgnoredSections[0].Consequence, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_KindsNotBuilt_AreListedByJob()
    {
        var config = Parse("scrape_configs:\n- {job_name: a, consul_sd_configs: [{server: x}], dns_sd_configs: [{names: [y]}], static_configs: [{targets: [z]}]}\n- {job_name: b}");
        Assert.Equal([new UnsupportedJob("a", ["consul", "dns"])], config.UnsupportedJobs);
    }

    [Fact]
    public void Parse_TwiceTheSame_GivesEqualConfigurations()
    {
        const string Yaml = "scrape_configs:\n- {job_name: a, params: {x: [1, 2]}, static_configs: [{targets: [b], labels: {c: d}}], consul_sd_configs: [{server: s}],"
            + " basic_auth: {username: u, password: p}, relabel_configs: [{source_labels: [q], target_label: r}]}";
        Assert.Equal(Parse(Yaml), Parse(Yaml));
        Assert.NotEqual(Parse(Yaml).ScrapeConfigs, Parse(Yaml.Replace("password: p", "password: q", StringComparison.Ordinal)).ScrapeConfigs);
    }

    private static ScrapeConfig Job(string flow) => Parse("scrape_configs:\n- " + flow).ScrapeConfigs[0];

    private static PrometheusConfig Parse(string yaml)
    {
        var result = PrometheusConfigFile.Parse(yaml, "/etc/p/prometheus.yml");
        Assert.True(result.TryGet(out var config), result.FaultText());
        return config;
    }
}
