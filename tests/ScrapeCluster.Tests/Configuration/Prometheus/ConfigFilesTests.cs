using ScrapeCluster.Configuration;

namespace ScrapeCluster.Tests.Configuration.Prometheus;

/// <summary><c>scrape_config_files</c>, and the check that <c>scrapectl check config</c> makes.</summary>
public sealed class ConfigFilesTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public void Load_ScrapeConfigFiles_AreReadInOrderWithTheirOwnDirectories()
    {
        _directory.Write("jobs/b.yml", "scrape_configs: [{job_name: b, bearer_token_file: t}]");
        _directory.Write("jobs/a.yml", "scrape_configs: [{job_name: a, scrape_interval: 5s}]");
        _directory.Write("jobs/c.txt", "not yaml: [");
        _directory.Write("one.yml", "");
        var main = _directory.Write("main.yml", "global: {scrape_interval: 7s}\nscrape_config_files: [jobs/*.yml, one.yml]\nscrape_configs: [{job_name: m}]");
        var result = PrometheusConfigFile.Load(main);
        Assert.True(result.TryGet(out var config), result.FaultText());
        Assert.Equal([("m", 7), ("a", 5), ("b", 7)], config.ScrapeConfigs.Select(job => (job.JobName, job.ScrapeInterval.TotalSeconds)));
        Assert.Equal(_directory.PathOf("jobs/t"), config.ScrapeConfigs[2].HttpClient.Authorization!.CredentialsFile);
        Assert.Empty(config.Warnings);
    }

    [Fact]
    public void Load_FaultsOfSeveralFiles_AreAllReported()
    {
        var a = _directory.Write("a.yml", "scrape_configs:\n- job_name: m\n- x: 1");
        var b = _directory.Write("b.yml", "nonsense: 1");
        var main = _directory.Write("main.yml", "scrape_config_files: [a.yml, b.yml]\nscrape_configs:\n- job_name: m\n  y: 2");
        var faults = PrometheusConfigFile.Load(main).Faults;
        Assert.Equal([(main, 4), (a, 2), (a, 3), (a, 3), (b, 1)], faults.Select(fault => (fault.File, fault.Line)));
        Assert.Equal("found multiple scrape configs with job name \"m\"", faults[1].Message);
    }

    [Fact]
    public void Load_PatternWithoutFiles_IsAWarning()
    {
        var result = PrometheusConfigFile.Load(_directory.Write("main.yml", "scrape_config_files: [none/*.yml]"));
        Assert.Contains("\"none/*.yml\" names no file", Assert.Single(result.Config!.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ValidFile_SaysSuccessAndWhatIsIgnored()
    {
        var path = _directory.Write("main.yml", "rule_files: [a.yml]\nscrape_configs: [{job_name: a, consul_sd_configs: [{server: b}]}]");
        var (exitCode, output) = Check(path);
        Assert.Equal(0, exitCode);
        Assert.Contains($"WARNING: {path}:1: rule_files: accepted but not acted on", output, StringComparison.Ordinal);
        Assert.Contains("job \"a\" uses discovery that is not built yet (consul)", output, StringComparison.Ordinal);
        Assert.Contains($"SUCCESS: {path} is valid", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SeveralFiles_PrintsAllFaultsAndFails()
    {
        var good = _directory.Write("good.yml", "");
        var bad = _directory.Write("bad.yml", "x: 1\ny: 2");
        var (exitCode, output) = Check(bad, good);
        Assert.Equal(1, exitCode);
        Assert.Contains($"{bad}:1: x: field x not found in type config.plain", output, StringComparison.Ordinal);
        Assert.Contains($"{bad}:2: y: field y not found in type config.plain", output, StringComparison.Ordinal);
        Assert.Contains($"SUCCESS: {good} is valid", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_MissingCredentialFile_FailsUnlessSyntaxOnly()
    {
        var path = _directory.Write("main.yml", "scrape_configs:\n- job_name: a\n  bearer_token_file: token\n  file_sd_configs: [{files: [none/*.yml]}]");
        var (exitCode, output) = Check(path);
        Assert.Equal(1, exitCode);
        Assert.Contains($"{path}:3: scrape_configs[0].bearer_token_file: the file \"{_directory.PathOf("token")}\" does not exist", output, StringComparison.Ordinal);
        Assert.Equal(0, ConfigCheck.Run([path], TextWriter.Null, syntaxOnly: true));
        _directory.Write("token", "t");
        Assert.Equal(0, Check(path).ExitCode);
    }

    public void Dispose() => _directory.Dispose();

    private static (int ExitCode, string Output) Check(params string[] files)
    {
        using var output = new StringWriter();
        var exitCode = ConfigCheck.Run(files, output);
        return (exitCode, output.ToString());
    }
}
