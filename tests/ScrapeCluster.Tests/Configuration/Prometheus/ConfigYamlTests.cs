using ScrapeCluster.Configuration;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Configuration.Prometheus;

/// <summary>The file written again for <c>/api/v1/status/config</c>.</summary>
public sealed class ConfigYamlTests
{
    [Fact]
    public void Yaml_OfABareJob_ShowsDefaultsAsPrometheusDoes()
    {
        const string Expected = """
            scrape_configs:
            - job_name: a
              honor_timestamps: true
              track_timestamps_staleness: false
              scrape_interval: 1m
              scrape_timeout: 10s
              scrape_protocols:
              - OpenMetricsText1.0.0
              - OpenMetricsText0.0.1
              - PrometheusText1.0.0
              - PrometheusText0.0.4
              scrape_native_histograms: false
              always_scrape_classic_histograms: false
              convert_classic_histograms_to_nhcb: false
              extra_scrape_metrics: false
              metrics_path: /metrics
              scheme: http
              enable_compression: true
              metric_name_validation_scheme: utf8
              metric_name_escaping_scheme: allow-utf-8
              follow_redirects: true
              enable_http2: true
              static_configs:
              - targets:
                - localhost:9090

            """;
        Assert.EndsWith(Expected, Yaml("scrape_configs: [{job_name: a, static_configs: [{targets: ['localhost:9090']}]}]"), StringComparison.Ordinal);
    }

    [Fact]
    public void Yaml_NeverShowsASecret()
    {
        const string Text = """
            scrape_configs:
              - job_name: a
                basic_auth: {username: u, password: s3cret}
                http_headers: {x: {secrets: [s3cret]}}
                proxy_url: http://u:s3cret@p
                proxy_connect_header: {y: [s3cret]}
                tls_config: {cert: c, key: s3cret}
                consul_sd_configs: [{token: s3cret, basic_auth: {password: s3cret}}]
                http_sd_configs: [{url: 'https://u:s3cret@h/', oauth2: {client_id: a, client_secret: s3cret, token_url: 'http://t'}}]
              - {job_name: b, bearer_token: s3cret}
            remote_write: [{url: 'http://u:s3cret@w/', authorization: {credentials: s3cret}}]
            remote_read: [{url: 'http://u:s3cret@w/', basic_auth: {password: s3cret}}]
            alerting: {alertmanagers: [{authorization: {credentials: s3cret}, ec2_sd_configs: [{secret_key: s3cret}]}]}
            """;
        var yaml = Yaml(Text);
        Assert.DoesNotContain("s3cret", yaml, StringComparison.Ordinal);
        Assert.Contains("password: <secret>", yaml, StringComparison.Ordinal);
        Assert.Contains("url: http://u:xxxxx@w/", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Secret_NeverPrints()
    {
        Assert.Equal("<secret>", new Secret("x").ToString());
        Assert.DoesNotContain("s3cret", new BasicAuthConfig { Password = new("s3cret") }.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scrape_configs: [{job_name: '123', static_configs: [{targets: ['1'], labels: {a: 'true', b: '~', c: ' x', d: \"l\\n2\", e: '<<', f: '#', g: 測試}}]}]")]
    [InlineData("global: {external_labels: {a: x, yes: 'no'}, scrape_interval: 90s, body_size_limit: 1.5KB}")]
    [InlineData("scrape_configs: [{job_name: a, params: {'match[]': ['{a=\"b\"}'], '': [x]}, scrape_failure_log_file: /a b, relabel_configs: [{regex: '', replacement: '', target_label: t}]}]")]
    [InlineData("scrape_configs: [{job_name: a, honor_timestamps: false, metrics_path: /m, native_histogram_min_bucket_factor: 1.1, file_sd_configs: [{files: [/a/*.yml]}], dns_sd_configs: [{names: [a]}]}]")]
    [InlineData("remote_write: [{url: 'http://a', name: n, headers: {b: c}, queue_config: {retry_on_http_429: true, sample_age_limit: 1h}, protobuf_message: io.prometheus.write.v2.Request}]")]
    public void Yaml_ReadAgain_GivesTheSameConfiguration(string yaml) => AssertRoundTrip(yaml, "/etc/p/prometheus.yml");

    [Fact]
    public void Yaml_OfTheSuitesValidFiles_ReadsAgain()
    {
        if (!Suites.TryFind(out var directory, "prometheus", "main-3.14.0", "config", "testdata"))
        {
            Assert.Skip(Suites.MissingReason);
        }

        foreach (var file in Directory.EnumerateFiles(directory, "*.good.yml"))
        {
            // Its labels hold dollars after expansion, which a second reading would expand again.
            if (Path.GetFileName(file) == "external_labels.good.yml")
            {
                continue;
            }

            AssertRoundTrip(File.ReadAllText(file), file);
        }
    }

    private static void AssertRoundTrip(string yaml, string file)
    {
        var first = PrometheusConfigFile.Parse(yaml, file);
        Assert.True(first.TryGet(out var config), first.FaultText());
        var second = PrometheusConfigFile.Parse(config.Yaml, file);
        Assert.True(second.TryGet(out var again), $"{file}\n{config.Yaml}\n{second.FaultText()}");
        Assert.Equal(config.Yaml, again.Yaml);
        if (!config.Yaml.Contains(Secret.Mask, StringComparison.Ordinal))
        {
            Assert.Equal(config.RemoteWrites, again.RemoteWrites);
            Assert.Equal(Comparable(config), Comparable(again));
        }
    }

    /// <summary>Raw text of discovery that is not built is kept as written, so only its kind compares.</summary>
    private static ValueList<ScrapeConfig> Comparable(PrometheusConfig config) => [.. config.ScrapeConfigs.Select(job => job with
    {
        ServiceDiscovery = [.. job.ServiceDiscovery.Select(sd => sd is UnsupportedSdConfig raw ? raw with { RawYaml = new("") } : sd)],
    })];

    private static string Yaml(string text)
    {
        var result = PrometheusConfigFile.Parse(text);
        Assert.True(result.TryGet(out var config), result.FaultText());
        return config.Yaml;
    }
}
