using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Tests.Configuration.Node;

public sealed class NodeFlagsTests
{
    [Theory]
    [InlineData("--storage.path=/d")]
    [InlineData("--storage.tsdb.path=/d")]
    [InlineData("--storage.agent.path=/d")]
    [InlineData("--storage.path /d")]
    public void Parse_StoragePath_InAllSpellings(string line)
    {
        var flags = Parse(line);

        Assert.Empty(flags.Faults);
        Assert.Empty(flags.Warnings);
        Assert.Equal("/d", flags.Settings["scrapecluster.storage.path"].Value);
    }

    [Theory]
    [InlineData("--web.enable-lifecycle", "true")]
    [InlineData("--web.enable-lifecycle=true", "true")]
    [InlineData("--web.enable-lifecycle=false", "false")]
    [InlineData("--no-web.enable-lifecycle", "false")]
    public void Parse_Switch_InAllSpellings(string line, string value)
    {
        var flags = Parse(line);

        Assert.Empty(flags.Faults);
        Assert.Equal(value, flags.Settings["scrapecluster.web.enable-lifecycle"].Value);
    }

    [Fact]
    public void Parse_SwitchBeforeAnotherFlag_TakesNothing()
    {
        var flags = Parse("--web.enable-lifecycle --log.level debug");

        Assert.Empty(flags.Faults);
        Assert.Equal("debug", flags.Settings["scrapecluster.log.level"].Value);
    }

    [Theory]
    [InlineData("512MB", 512L << 20)]
    [InlineData("1KB", 1024)]
    [InlineData("0", 0)]
    [InlineData("3GiB", 3L << 30)]
    public void Parse_RetentionSize_IsInPowersOf1024(string text, long bytes)
    {
        var flags = Parse($"--storage.tsdb.retention.size={text}");

        Assert.Empty(flags.Faults);
        Assert.Equal(bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), flags.Settings["scrapecluster.storage.retention-size"].Value);
        Assert.Equal(text, flags.Given["storage.tsdb.retention.size"]);
    }

    [Theory]
    [InlineData("--storage.tsdb.retention.time=15")]
    [InlineData("--storage.tsdb.retention.time=15 d")]
    [InlineData("--storage.tsdb.retention.time=")]
    [InlineData("--storage.tsdb.retention.size=512")]
    [InlineData("--web.enable-lifecycle=1")]
    [InlineData("--config.file")]
    [InlineData("--log.level=info --log.level=info")]
    [InlineData("--storage.path=/a --storage.tsdb.path=/b")]
    [InlineData("prometheus.yml")]
    [InlineData("-config.file=x")]
    [InlineData("--")]
    public void Parse_Unusable_IsOneFault(string line)
    {
        // A blank belongs to the value in one of the rows.
        var flags = NodeFlags.Parse(line.Contains("15 d", StringComparison.Ordinal) ? [line] : line.Split(' '));

        Assert.Single(flags.Faults);
    }

    [Fact]
    public void Parse_UnknownFlag_NamesItAndTheNearest()
    {
        var flags = Parse("--config.fil=x --storage.pth y");

        Assert.Equal(
            ["--config.fil is not a known flag; the nearest is --config.file", "--storage.pth is not a known flag; the nearest is --storage.path"],
            flags.Faults);
    }

    [Fact]
    public void Parse_ManyFaults_ReportsAll()
    {
        Assert.Equal(3, Parse("--nonsense --log.level --storage.tsdb.retention.time=soon").Faults.Count);
    }

    public static TheoryData<string> FlagsOfPrometheus => [.. KnownFlags.OfPrometheus.Select(flag => flag.Name)];

    [Theory]
    [MemberData(nameof(FlagsOfPrometheus))]
    public void Parse_FlagOfPrometheus_IsAcceptedWithOneWarning(string name)
    {
        var flag = KnownFlags.ByName[name];
        var value = flag.Kind switch { FlagKind.Duration => "=1m", FlagKind.Size => "=1MB", FlagKind.Switch => "", _ => "=7" };

        var flags = Parse($"--{name}{value}");

        Assert.Empty(flags.Faults);
        Assert.StartsWith($"--{name} ", Assert.Single(flags.Warnings), StringComparison.Ordinal);
        Assert.Contains(name, flags.Given.Keys);
    }

    [Fact]
    public void Parse_RepeatableFlag_WarnsOnce()
    {
        var flags = Parse("--enable-feature=a --enable-feature=b,c");

        Assert.Empty(flags.Faults);
        Assert.Single(flags.Warnings);
        Assert.Equal("a,b,c", flags.Given["enable-feature"]);
    }

    [Theory]
    [InlineData("-h")]
    [InlineData("--help")]
    public void Parse_Help_InBothSpellings(string line)
    {
        Assert.True(Parse(line).IsHelp);
    }

    [Fact]
    public void KnownFlags_SetOnlyKnownKeys()
    {
        Assert.All(KnownFlags.ByName.Values, flag => Assert.True(flag.Key is null || NodeSettings.Keys.Contains(flag.Key), flag.Name));
    }

    [Fact]
    public void Help_ListsEveryFlagThatTheProjectPromises()
    {
        var text = NodeHelp.Text();
        string[] promised = ["--config.file", "--config.skip-unsupported", "--storage.path", "--storage.tsdb.retention.time", "--storage.tsdb.retention.size",
            "--web.listen-address", "--web.external-url", "--web.enable-lifecycle", "--log.level", "--log.format", "--node.config", "--help", "--version"];

        Assert.All(promised, flag => Assert.Contains(flag, text, StringComparison.Ordinal));
    }

    private static NodeFlags Parse(string line) => NodeFlags.Parse(line.Split(' '));
}
