using Microsoft.Extensions.Configuration;
using ScrapeCluster.Configuration.Hocon;
using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Tests.Configuration.Node;

public sealed class NodeSettingsTests
{
    [Fact]
    public void ReferenceConf_AndSettings_NameTheSameKeys()
    {
        var written = Leaves("", NodeSettingLayers.Reference().Resolve(_ => null)).Order(StringComparer.Ordinal);

        Assert.Equal(NodeSettings.Keys.Order(StringComparer.Ordinal), written);
    }

    [Fact]
    public void Keys_AreReadOnceEach()
    {
        Assert.Equal(NodeSettings.Keys.Distinct().Count(), NodeSettings.Keys.Count);
    }

    [Fact]
    public void Defaults_AreThoseOfTheReference()
    {
        var settings = NodeSettings.Defaults();

        Assert.Equal(new ListenAddress("127.0.0.1", 9095), settings.Web.ListenAddress);
        Assert.Equal("./data", settings.Storage.Path);
        Assert.Equal(TimeSpan.FromDays(15), settings.Storage.RetentionTime);
        Assert.Equal(0, settings.Storage.RetentionSizeBytes);
        Assert.Equal(128 << 20, settings.Storage.Wal.SegmentSizeBytes);
        Assert.Equal(WalCompression.Snappy, settings.Storage.Wal.Compression);
        Assert.Equal(TimeSpan.FromMilliseconds(2), settings.Scrape.TimestampTolerance);
        Assert.Equal("", settings.Config.File);
        Assert.Null(settings.Web.ExternalUrl);
        Assert.False(settings.Web.EnableLifecycle);
    }

    [Fact]
    public void TryBind_ManyFaults_NamesEachWithValueAndRange()
    {
        var ok = TryBind(
            """
            scrapecluster {
              web { listen-address = "nonsense", max-connections = 0, enable-lifecycle = maybe }
              storage { path = "", retention-time = 15 parsecs, wal { fsync = never, segment-size = 100000 } }
              web.external-url = "ftp://x"
            }
            """,
            out var faults);

        Assert.False(ok);
        var lines = faults.Select(fault => fault.ToString()).ToList();
        Assert.Equal(8, lines.Count);
        Assert.Contains(lines, line => line.StartsWith("scrapecluster.web.max-connections: the present value \"0\" is not allowed; it must be a whole number from 1 to", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("wal.fsync: the present value \"never\"", StringComparison.Ordinal) && line.Contains("segment, interval, batch", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("wal.segment-size", StringComparison.Ordinal) && line.Contains("multiple of 32KiB", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("retention-time: the present value \"15 parsecs\"", StringComparison.Ordinal));
    }

    [Fact]
    public void TryBind_UnknownKey_NamesTheNearest()
    {
        Assert.False(TryBind("scrapecluster.web.listen-adress = \"127.0.0.1:1\"", out var faults));

        var fault = Assert.Single(faults).ToString();
        Assert.Contains("scrapecluster.web.listen-adress", fault, StringComparison.Ordinal);
        Assert.Contains("the nearest is scrapecluster.web.listen-address", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryBind_KeysOfOthers_AreNoConcernOfTheNode()
    {
        Assert.True(TryBind("mine { a = 1 }", out _));
    }

    private static bool TryBind(string overrides, out IReadOnlyList<SettingFault> faults)
    {
        var configuration = new ConfigurationBuilder()
            .AddHocon(() => HoconDocument.Merge(NodeSettingLayers.Reference(), HoconDocument.Parse(overrides)), _ => null)
            .Build();
        return NodeSettings.TryBind(configuration, out _, out faults);
    }

    private static IEnumerable<string> Leaves(string path, HoconValue value) => value is HoconObject parent
        ? parent.Fields.SelectMany(field => Leaves(path.Length == 0 ? field.Key : $"{path}.{field.Key}", field.Value))
        : [path];
}
