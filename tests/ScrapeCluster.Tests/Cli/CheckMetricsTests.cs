using System.Text;
using ScrapeCluster.Cli;

namespace ScrapeCluster.Tests.Cli;

public sealed class CheckMetricsTests
{
    [Fact]
    public void GoodPage_IsOk()
    {
        var (exitCode, output, _) = Run("up 1\n", "check", "metrics");

        Assert.Equal(0, exitCode);
        Assert.StartsWith("ok:", output, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenPage_NamesTheLineOfItsFirstFault()
    {
        var (exitCode, output, _) = Run("up 1\ndown x\nsideways y\n", "check", "metrics", "--format=text");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("line 2,", output, StringComparison.Ordinal);
        Assert.Single(output.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Format_DecidesWhatIsGood()
    {
        Assert.Equal(0, Run("up 1\n# EOF\n", "check", "metrics", "--format", "openmetrics").ExitCode);
        Assert.Equal(1, Run("up 1\n", "check", "metrics", "--format", "openmetrics").ExitCode);
    }

    [Theory]
    [InlineData("check", "metrics", "--format=xml")]
    [InlineData("check", "nothing")]
    [InlineData("chek")]
    [InlineData("check", "metrics", "page.txt")]
    public void WrongUsage_IsExitCodeTwo_OnStandardError(params string[] args)
    {
        var (exitCode, _, error) = Run("", args);

        Assert.Equal(2, exitCode);
        Assert.NotEqual("", error);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("check", "--help")]
    public void Information_IsExitCodeZero(params string[] args)
    {
        var (exitCode, output, _) = Run("", args);

        Assert.Equal(0, exitCode);
        Assert.NotEqual("", output);
    }

    private static (int ExitCode, string Output, string Error) Run(string input, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandTree.Run(args, new MemoryStream(Encoding.UTF8.GetBytes(input)), output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
