using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Reload;
using ScrapeCluster.Tests.Configuration.Prometheus;

namespace ScrapeCluster.Tests.Node;

public sealed class ConfigLoaderTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Load_OAuth2WithSignedJwt_IsTaken()
    {
        var file = _directory.Write("prometheus.yml",
            "scrape_configs: [{job_name: a, oauth2: {client_id: a, token_url: 'http://t', grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_certificate_key_file: k}}]");

        var (config, error) = Loader(file).Load();

        Assert.Null(error);
        Assert.Single(config!.ScrapeConfigs);
    }

    [Theory]
    [InlineData("remote_write: [{url: 'http://r/w', name: cloud, sigv4: {region: eu}}]", "remote_write to cloud uses sigv4")]
    [InlineData("remote_write: [{url: 'http://r/w', google_iam: {credentials_file: f}}]", "remote_write to http://r/w uses google_iam")]
    [InlineData("remote_write: [{url: 'http://u:sesame@r/w', azuread: {managed_identity: {client_id: a}}}]", "remote_write to http://u:xxxxx@r/w uses azuread")]
    [InlineData("scrape_configs: [{job_name: a, consul_sd_configs: [{server: 's'}]}]", "job a uses consul")]
    public void Load_WhatIsNotBuilt_IsRefusedUnlessSkipped(string yaml, string reason)
    {
        var file = _directory.Write("prometheus.yml", yaml);

        var (config, error) = Loader(file).Load();
        var (skipped, skippedError) = Loader(file, "--config.skip-unsupported").Load();

        Assert.Null(config);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.True(skipped is not null, skippedError);
    }

    [Theory]
    [InlineData("scrape_configs: []", "at least one remote_write target must be specified in agent mode")]
    [InlineData("remote_write: [{url: 'http://r/w'}]\nrule_files: [a.yml]", "field rule_files is not allowed in agent mode")]
    [InlineData("remote_write: [{url: 'http://r/w'}]\nremote_read: [{url: 'http://r/r'}]", "field remote_read is not allowed in agent mode")]
    [InlineData("remote_write: [{url: 'http://r/w'}]\nalerting: {alertmanagers: [{static_configs: [{targets: ['a:1']}]}]}", "field alerting is not allowed in agent mode")]
    public void Load_InAgentMode_RefusesWhatPrometheusDoes(string yaml, string reason)
    {
        var file = _directory.Write("prometheus.yml", yaml);

        var (config, error) = Loader(file, "--agent").Load();

        Assert.Null(config);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.NotNull(Loader(file).Load().Config);
        Assert.NotNull(Loader(_directory.Write("good.yml", "remote_write: [{url: 'http://r/w'}]"), "--agent").Load().Config);
    }

    [Theory]
    [InlineData("scrape_configs: [{job_name: a, oauth2: {client_id: a, client_secret: b, token_url: 'http://t'}}]")]
    [InlineData("remote_write: [{url: 'http://r/w', protobuf_message: io.prometheus.write.v2.Request, round_robin_dns: true, send_exemplars: true}]")]
    public void Load_WhatIsBuilt_IsTaken(string yaml)
    {
        var file = _directory.Write("prometheus.yml", yaml);

        var (config, error) = Loader(file).Load();

        Assert.True(config is not null, error);
    }

    private static ConfigLoader Loader(string file, params string[] more)
    {
        var start = NodeConfiguration.Load([$"--config.file={file}", .. more], _ => null);
        Assert.Empty(start.Faults);
        return new ConfigLoader(start.Settings);
    }
}
