using System.Text.Json;
using ScrapeCluster.Cli;
using ScrapeCluster.Tests.Node;

namespace ScrapeCluster.Tests.Cli;

/// <summary>The actors of a whole node, as people and scripts see them.</summary>
public sealed class ActorVerbTests : IAsyncLifetime
{
    private NodeUnderTest _node = null!;

    public async ValueTask InitializeAsync() =>
        _node = await NodeUnderTest.StartAsync("scrape_configs: [{job_name: a b, static_configs: [{targets: ['127.0.0.1:1']}]}]");

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Hierarchy_DepthCounts_FromTheStart()
    {
        await _node.ScrapeAllAsync(1);
        Assert.Equal(["/user"], Paths(Run("actor", "hierarchy", "-d", "0").Output));
        Assert.Contains("/user/storage", Paths(Run("actor", "hierarchy", "-d", "1").Output));
        Assert.DoesNotContain(Paths(Run("actor", "hierarchy", "-d", "1").Output), path => path.StartsWith("/user/pools/", StringComparison.Ordinal));
        Assert.Contains(Paths(Run("actor", "hierarchy", "--start", "/user/pools", "--depth", "2").Output), path => path.Count(c => c == '/') == 4);
    }

    [Fact]
    public void Hierarchy_AsJson_IsCutTheSame()
    {
        var (exitCode, output, _) = Run("actor", "hierarchy", "-s", "/user/storage", "-d", "0", "-o", "json");

        Assert.Equal(0, exitCode);
        Assert.Equal("StorageActor", JsonDocument.Parse(output).RootElement.GetProperty("actors").EnumerateArray().Single().GetProperty("type").GetString());
    }

    [Fact]
    public void Inspect_TellsOneActor()
    {
        var (exitCode, output, _) = Run("actor", "inspect", "/user/storage");

        Assert.Equal(0, exitCode);
        Assert.Equal(["path", "type", "mailbox", "processed", "restarts", "handler-time", "actors-below", "last-failure"], Words(output, 0));
        Assert.Equal(["/user/storage", "StorageActor"], Words(output, 1).Take(2));
    }

    [Fact]
    public void NoSuchActor_IsExitCodeThree()
    {
        Assert.Equal((3, "error: there is no actor /user/nobody\n"), Run("actor", "hierarchy", "-s", "/user/nobody") is var (code, _, error) ? (code, error) : default);
    }

    private static IEnumerable<string> Paths(string table) => Words(table, 0).Skip(1);

    private static IEnumerable<string> Words(string output, int column)
    {
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[column]);
    }

    private (int ExitCode, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = CommandTree.Run([.. args, "--url", _node.Client.BaseAddress!.ToString()], Stream.Null, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
