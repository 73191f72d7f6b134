using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Tests.Configuration.Node;

public sealed class NodeConfigurationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("scrapecluster-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Load_WithoutArguments_IsTheDefaultRun()
    {
        var configuration = Load([]);

        Assert.Empty(configuration.Faults);
        Assert.Empty(configuration.Warnings);
        Assert.Equal(NodeSettings.Defaults(), configuration.Settings);
        Assert.Equal("127.0.0.1:9095", configuration.EffectiveFlags["web.listen-address"]);
        Assert.Equal("15d", configuration.EffectiveFlags["storage.tsdb.retention.time"]);
        Assert.Equal("./data", configuration.EffectiveFlags["storage.tsdb.path"]);
        Assert.Equal("false", configuration.EffectiveFlags["web.enable-lifecycle"]);
    }

    [Fact]
    public void Load_Layers_LaterWin()
    {
        var file = Write("node.conf", "scrapecluster { log.level = debug, log.format = json, storage.path = /file, web.max-connections = 3 }");

        var configuration = Load(
            [$"--node.config={file}", "--storage.path=/flag"],
            ("SCRAPECLUSTER_STORAGE_PATH", "/variable"),
            ("SCRAPECLUSTER_LOG_FORMAT", "logfmt"));

        Assert.Empty(configuration.Faults);
        Assert.Equal("/flag", configuration.Settings.Storage.Path);
        Assert.Equal(LogFormat.Logfmt, configuration.Settings.Log.Format);
        Assert.Equal(LogThreshold.Debug, configuration.Settings.Log.Level);
        Assert.Equal(3, configuration.Settings.Web.MaxConnections);
    }

    [Fact]
    public void Load_FileRefersToReferenceAndEnvironment()
    {
        var file = Write("node.conf", "scrapecluster.storage.path = ${scrapecluster.storage.path}/${?SITE}");

        Assert.Equal("./data/north", Load([$"--node.config={file}"], ("SITE", "north")).Settings.Storage.Path);
        Assert.Equal("./data/", Load([$"--node.config={file}"]).Settings.Storage.Path);
    }

    [Fact]
    public void Load_Faults_NameWhoSetTheValue()
    {
        var file = Write("node.conf", "\nscrapecluster.web.max-connections = many");

        var configuration = Load(
            [$"--node.config={file}", "--log.level=loud", "--nonsense"],
            ("SCRAPECLUSTER_WEB_LISTEN_ADDRESS", "here"));

        Assert.Equal(4, configuration.Faults.Count);
        Assert.Contains(configuration.Faults, fault => fault.StartsWith("--nonsense", StringComparison.Ordinal));
        Assert.Contains(configuration.Faults, fault => fault.Contains("log.level (set by --log.level): the present value \"loud\"", StringComparison.Ordinal));
        Assert.Contains(configuration.Faults, fault => fault.Contains($"max-connections (set by {file}:2)", StringComparison.Ordinal));
        Assert.Contains(configuration.Faults, fault => fault.Contains("(set by environment variable SCRAPECLUSTER_WEB_LISTEN_ADDRESS)", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_BrokenFile_IsReportedBesideTheOtherFaults()
    {
        var file = Write("node.conf", "a = [1, 2");

        var configuration = Load([$"--node.config={file}", "--log.level=loud"]);

        Assert.Equal(2, configuration.Faults.Count);
        Assert.Contains(configuration.Faults, fault => fault.StartsWith($"--node.config: {file}:1: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_AbsentFile_IsAFault()
    {
        Assert.Contains("no such file", Assert.Single(Load(["--node.config=/nowhere/node.conf"]).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RetentionSizeAlone_LiftsTheDefaultAgeLimit()
    {
        var sized = Load(["--storage.tsdb.retention.size=1GB"]);
        Assert.Equal(TimeSpan.Zero, sized.Settings.Storage.RetentionTime);
        Assert.Equal("0s", sized.EffectiveFlags["storage.tsdb.retention.time"]);
        Assert.Equal(
            TimeSpan.FromDays(15),
            Load(["--storage.tsdb.retention.size=1GB", "--storage.tsdb.retention.time=15d"]).Settings.Storage.RetentionTime);
    }

    [Theory]
    [InlineData("--enable-feature=metadata-wal-records", true, "metadata-wal-records")]
    [InlineData("--enable-feature=extra, metadata-wal-records", true, "extra, metadata-wal-records")]
    [InlineData("--enable-feature=metadata-wal-record", false, "metadata-wal-record")]
    public void Load_MetadataFeature_SetsItsKey(string flag, bool isOn, string shown)
    {
        var configuration = Load([flag]);
        Assert.Empty(configuration.Faults);
        Assert.Equal(isOn, configuration.Settings.Storage.Wal.MetadataRecords);
        Assert.Equal(shown, configuration.EffectiveFlags["enable-feature"]);
        Assert.Contains("no effect but for agent and metadata-wal-records", Assert.Single(configuration.Warnings), StringComparison.Ordinal);
        Assert.Contains("metadata-wal-records", NodeHelp.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MetadataKeyWithoutTheFlag_IsShownAsTheFeature()
    {
        var configuration = Load([], ("SCRAPECLUSTER_STORAGE_WAL_METADATA_RECORDS", "true"));
        Assert.True(configuration.Settings.Storage.Wal.MetadataRecords);
        Assert.Equal("metadata-wal-records", configuration.EffectiveFlags["enable-feature"]);
        Assert.False(Load([]).Settings.Storage.Wal.MetadataRecords);
        Assert.False(Load([]).EffectiveFlags.ContainsKey("enable-feature"));
    }

    [Fact]
    public void Load_ExternalUrlWithAPath_IsTakenWhole()
    {
        var start = Load(["--web.external-url=https://example.org/prometheus"]);

        Assert.Empty(start.Warnings);
        Assert.Equal("/prometheus", start.Settings.Web.ExternalUrl!.AbsolutePath);
    }

    [Fact]
    public void VariableOf_IsDistinctForEveryKey()
    {
        Assert.Equal(NodeSettings.Keys.Count, NodeSettings.Keys.Select(NodeSettingLayers.VariableOf).Distinct().Count());
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static NodeConfiguration Load(string[] args, params (string Name, string Value)[] environment) =>
        NodeConfiguration.Load(args, name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}
