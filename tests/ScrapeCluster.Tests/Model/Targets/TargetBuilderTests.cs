using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Targets;

public sealed class TargetBuilderTests
{
    private static readonly TargetTemplate Job = new() { JobName = "node", ScrapeInterval = "15s" };

    /// <summary>Computed apart from this code, by a second implementation of xxHash64 and FNV-1a.</summary>
    [Theory]
    [InlineData("", "", "http://host:9100/metrics", 2208158841994022268, 8017172212752706590)]
    [InlineData("a b", "é", "http://host:9100/metrics?q=a+b", 2451148055016076719, 16459731231633648094)]
    public void Build_KnownTarget_HasTheHashOfPrometheus(string param, string zoneLetter, string url, ulong labelsHash, ulong hash)
    {
        var zone = string.Concat(Enumerable.Repeat(zoneLetter, 200));

        var target = Active(Job, Labels.Of(("__address__", "host:9100"), ("__param_q", param), ("zone", zone)));

        Assert.Equal(url, target.Url);
        Assert.Equal(labelsHash, target.AllLabels.Hash());
        Assert.Equal(hash, target.Hash);
    }

    [Fact]
    public void Build_AddressOnly_TakesTheJobsDefaults()
    {
        var target = Active(Job, Labels.Of(("__address__", "1.2.3.4"), ("custom", "value"), ("__meta_x", "m")));

        Assert.Equal("{custom=\"value\", instance=\"1.2.3.4\", job=\"node\"}", target.Labels.ToString());
        Assert.Equal(
            "{__address__=\"1.2.3.4\", __always_scrape_classic_histograms__=\"false\", __convert_classic_histograms_to_nhcb__=\"false\", __meta_x=\"m\", "
            + "__metrics_path__=\"/metrics\", __scheme__=\"http\", __scrape_interval__=\"15s\", __scrape_native_histograms__=\"false\", __scrape_timeout__=\"10s\", "
            + "custom=\"value\", job=\"node\"}",
            target.DiscoveredLabels.ToString());
        Assert.Null(target.AllLabels.Get("__meta_x"));
        Assert.Equal("http://1.2.3.4/metrics", target.Url);
        Assert.Equal((TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10)), (target.Interval, target.Timeout));
    }

    [Fact]
    public void Build_LabelsOfTargetGroupAndJob_NearestWins()
    {
        var target = Active(
            Job with { ScrapeNativeHistograms = true },
            Labels.Of(("__address__", "[::1]:80"), ("job", "mine"), ("__scheme__", "https"), ("__always_scrape_classic_histograms__", "T")),
            Labels.Of(("job", "group"), ("__metrics_path__", "/custom"), ("instance", "name"), ("__scrape_interval__", "30s"), ("__scrape_timeout__", "30s")));

        Assert.Equal("{instance=\"name\", job=\"mine\"}", target.Labels.ToString());
        Assert.Equal("https://[::1]:80/custom", target.Url);
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30)), (target.Interval, target.Timeout));
        Assert.Equal((true, true, false), (target.AlwaysScrapeClassicHistograms, target.ScrapeNativeHistograms, target.ConvertClassicHistogramsToNhcb));
    }

    [Theory]
    [InlineData("__address__", "", "no address")]
    [InlineData(
        "__address__", "us:hidden@host:9100",
        "the address of host \"host:9100\" has a user in front: credentials belong into basic_auth or authorization of the job")]
    [InlineData("__address__", "host/path", "\"host/path\" is not a valid hostname")]
    [InlineData("__scrape_interval__", "2notseconds", "error parsing scrape interval: not a valid duration string: \"2notseconds\"")]
    [InlineData("__scrape_timeout__", "2notseconds", "error parsing scrape timeout: not a valid duration string: \"2notseconds\"")]
    [InlineData("__scrape_interval__", "0s", "scrape interval cannot be 0")]
    [InlineData("__scrape_timeout__", "0s", "scrape timeout cannot be 0")]
    [InlineData("__scrape_timeout__", "20s", "scrape timeout cannot be greater than scrape interval (\"20s\" > \"15s\")")]
    [InlineData("__scrape_native_histograms__", "yes", "error parsing __scrape_native_histograms__: \"yes\" is not a boolean")]
    public void Build_UnusableLabel_IsInvalidWithTheReason(string name, string value, string expected)
    {
        var labels = new LabelsBuilder();
        labels.Set("__address__", "host:80");
        labels.Set(name, value);

        var outcome = TargetBuilder.Build(Job, Labels.Empty, labels.ToLabels(), new LabelsBuilder());

        Assert.Equal(expected, Assert.IsType<TargetOutcome.Invalid>(outcome).Reason);
    }

    [Fact]
    public void Build_ValueThatIsNotUtf8_IsInvalid()
    {
        var labels = new LabelsBuilder();
        labels.Set("__address__", "host:80");
        labels.Set("custom"u8, [0xBD]);

        var outcome = TargetBuilder.Build(Job, Labels.Empty, labels.ToLabels(), new LabelsBuilder());

        Assert.StartsWith("invalid label value for \"custom\"", Assert.IsType<TargetOutcome.Invalid>(outcome).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_RuleDrops_IsDroppedWithItsDiscoveredLabels()
    {
        var outcome = TargetBuilder.Build(
            Job with { RelabelRules = [Rule(new() { SourceLabels = ["__address__"], Regex = "h:1", Action = RelabelAction.Drop })] },
            Labels.Empty, Labels.Of(("__address__", "h:1")), new LabelsBuilder());

        Assert.Equal("h:1", Assert.IsType<TargetOutcome.Dropped>(outcome).DiscoveredLabels.Get("__address__"));
    }

    [Fact]
    public void Build_AddressFromRule_IsUsed()
    {
        var job = Job with { RelabelRules = [Rule(new() { SourceLabels = ["custom"], TargetLabel = "__address__", Replacement = "${1}:80" })] };

        Assert.Equal("http://host:80/metrics", Active(job, Labels.Of(("custom", "host"))).Url);
    }

    [Fact]
    public void Build_Params_TheLabelReplacesOnlyTheFirstValue()
    {
        var job = Job with
        {
            Params = [new("abc", ["foo", "bar", "baz"]), new("xyz", ["hoo"]), new("none", [])],
            RelabelRules = [Rule(new() { TargetLabel = "__param_abc", Replacement = "overwrite" }), Rule(new() { TargetLabel = "__param_cde", Replacement = "huu" })],
        };

        Assert.Equal("http://h:80/metrics?abc=overwrite&abc=bar&abc=baz&cde=huu&xyz=hoo", Active(job, Labels.Of(("__address__", "h:80"))).Url);
        Assert.Equal("foo", Active(job with { RelabelRules = [] }, Labels.Of(("__address__", "h:80"), ("__param_abc", "static"))).AllLabels.Get("__param_abc"));
    }

    [Theory]
    [InlineData("http", "h:80", "probe", "http://h:80/probe")]
    [InlineData("http", "h", "/a?b=c", "http://h/a%3Fb=c")]
    [InlineData("http", "h", "/a b%20é", "http://h/a%20b%2520%C3%A9")]
    [InlineData("http", "h", "/a:b@c;d,e+f&g=$h*!'()", "http://h/a:b@c;d,e+f&g=$h%2A%21%27%28%29")]
    [InlineData("http", "[::1]:9", "", "http://[::1]:9")]
    [InlineData("https", "bücher.example", "/", "https://b%C3%BCcher.example/")]
    public void Write_PathsAndHosts_AreEscapedAsGoDoes(string scheme, string host, string path, string expected)
    {
        Assert.Equal(expected, TargetUrl.Write(scheme, host, path, []));
    }

    [Fact]
    public void Write_Query_IsSortedByBytesAndEscaped()
    {
        Assert.Equal(
            "http://h/m?a=x+y%2Fz&a=-_.~%2A&%EE%80%80=1&%F0%9F%98%80=2",
            TargetUrl.Write("http", "h", "/m", [new("😀", ["2"]), new("\uE000", ["1"]), new("a", ["x y/z", "-_.~*"])]));
    }

    [Fact]
    public void Build_UnixSocket_IsHandedOn()
    {
        var target = Active(Job, Labels.Of(("__address__", "localhost"), ("__unix_socket__", "/run/x.sock")));

        Assert.Equal(("/run/x.sock", "http://localhost/metrics"), (target.UnixSocket, target.Url));
        Assert.Null(target.Labels.Get("__unix_socket__"));
    }

    private static ScrapeTarget Active(TargetTemplate job, Labels labels, Labels? group = null)
    {
        return Assert.IsType<TargetOutcome.Active>(TargetBuilder.Build(job, group ?? Labels.Empty, labels, new LabelsBuilder())).Target;
    }

    private static RelabelRule Rule(RelabelConfig config)
    {
        Assert.True(RelabelRule.TryCompile(config, out var rule, out var fault), fault);
        return rule;
    }
}
