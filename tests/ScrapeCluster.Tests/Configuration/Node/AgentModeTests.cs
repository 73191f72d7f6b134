using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Tests.Configuration.Node;

/// <summary>How a node becomes an agent, and what each of the two modes refuses.</summary>
public sealed class AgentModeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("scrapecluster-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("--agent")]
    [InlineData("--enable-feature=agent")]
    [InlineData("--enable-feature=exemplar-storage,agent")]
    [InlineData("--enable-feature=exemplar-storage --enable-feature=agent")]
    [InlineData("--agent --enable-feature=agent")]
    public void Load_FlagsOfBothVersionsOfPrometheus_MakeAnAgent(string line)
    {
        var configuration = Load(line);

        Assert.Empty(configuration.Faults);
        Assert.Equal(StorageMode.Agent, configuration.Settings.Storage.Mode);
        Assert.Equal("./data-agent", configuration.Settings.Storage.Path);
        Assert.Equal("true", configuration.EffectiveFlags["agent"]);
        Assert.Equal("./data-agent", configuration.EffectiveFlags["storage.agent.path"]);
    }

    [Fact]
    public void Load_WithoutThem_IsAServer()
    {
        Assert.Equal(StorageMode.Server, Load("").Settings.Storage.Mode);
        Assert.Equal(StorageMode.Server, Load("--enable-feature=agents").Settings.Storage.Mode);
        Assert.Equal("false", Load("").EffectiveFlags["agent"]);
        Assert.Equal(StorageMode.Server, Load("--no-agent").Settings.Storage.Mode);
    }

    [Fact]
    public void Load_AgentsOwnSettings_Arrive()
    {
        var settings = Load(
            "--agent --storage.agent.path=/d --storage.agent.wal-truncate-frequency=1h --storage.agent.retention.min-time=1m --storage.agent.retention.max-time=3h"
            + " --storage.agent.wal-segment-size=1MB").Settings.Storage;

        Assert.Equal("/d", settings.Path);
        Assert.Equal(
            new AgentSettings { TruncateInterval = TimeSpan.FromHours(1), MinTime = TimeSpan.FromMinutes(1), MaxTime = TimeSpan.FromHours(3) },
            settings.Agent);
        Assert.Equal(1 << 20, settings.Wal.SegmentSizeBytes);
    }

    [Theory]
    [InlineData("--agent --storage.tsdb.path=/d --query.timeout=2m", "cannot be used in agent mode: --query.timeout, --storage.tsdb.path;", "is set by --agent")]
    [InlineData("--enable-feature=agent --storage.tsdb.retention.time=3d", "--storage.tsdb.retention.time;", "is set by --enable-feature=agent")]
    [InlineData("--storage.agent.path=/d --storage.agent.retention.max-time=3h", "in agent mode only: --storage.agent.path, --storage.agent.retention.max-time;", "(--agent)")]
    public void Load_FlagOfTheOtherMode_IsAFault(string line, params string[] parts)
    {
        var fault = Assert.Single(Load(line).Faults);
        Assert.All(parts, part => Assert.Contains(part, fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_KeyOfTheOtherMode_IsAFault()
    {
        var file = Path.Combine(_directory, "node.conf");
        File.WriteAllText(file, "scrapecluster.storage { mode = agent, retention-size = 1GB, wal.fsync = batch }");
        var fault = Assert.Single(Load($"--node.config={file}").Faults);
        Assert.Contains("scrapecluster.storage.retention-size (set by", fault, StringComparison.Ordinal);
        Assert.Contains("node.conf:1", fault, StringComparison.Ordinal);

        File.WriteAllText(file, "scrapecluster.storage.agent.max-time = 3h");
        Assert.Contains("in agent mode only", Assert.Single(Load($"--node.config={file}").Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ModesThatDisagree_IsAFault() => Assert.Contains("both set scrapecluster.storage.mode", Assert.Single(Load("--no-agent --enable-feature=agent").Faults));

    [Fact]
    public void Load_ShortestAboveLongest_IsAFault() =>
        Assert.Contains("no longer than", Assert.Single(Load("--agent --storage.agent.retention.min-time=5h").Faults));

    [Fact]
    public void Load_MetadataRecordsOfAnAgent_WarnThatStockReadsThemAsDamage()
    {
        Assert.Contains(Load("--agent --enable-feature=metadata-wal-records").Warnings, warning => warning.Contains("metadata-records = true in agent mode", StringComparison.Ordinal));
        Assert.DoesNotContain(Load("--enable-feature=metadata-wal-records").Warnings, warning => warning.Contains("agent mode", StringComparison.Ordinal));
    }

    private static NodeConfiguration Load(string line) => NodeConfiguration.Load(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), _ => null);
}
