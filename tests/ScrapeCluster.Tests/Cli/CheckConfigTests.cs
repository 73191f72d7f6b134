using ScrapeCluster.Cli;
using ScrapeCluster.Tests.Configuration.Prometheus;

namespace ScrapeCluster.Tests.Cli;

public sealed class CheckConfigTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public void Config_FileWithFaults_IsExitCodeOne()
    {
        var path = _directory.Write("bad.yml", "global: {scrape_interval: soon}");

        var (exitCode, output) = Run("check", "config", path);

        Assert.Equal(1, exitCode);
        Assert.Contains($"{path}:1: global.scrape_interval: not a valid duration string: \"soon\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Config_SyntaxOnly_LeavesReferencedFilesOut()
    {
        var path = _directory.Write("good.yml", "scrape_configs: [{job_name: a, bearer_token_file: none}]");

        Assert.Equal(1, Run("check", "config", path).ExitCode);
        Assert.Equal(0, Run("check", "config", "--syntax-only", path, path).ExitCode);
    }

    [Fact]
    public void Config_WithoutFile_IsWrongUsage() => Assert.Equal(2, Run("check", "config").ExitCode);

    public void Dispose() => _directory.Dispose();

    private static (int ExitCode, string Output) Run(params string[] args)
    {
        using var output = new StringWriter();
        var exitCode = CommandTree.Run(args, Stream.Null, output, TextWriter.Null);
        return (exitCode, output.ToString());
    }
}
