using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Node;

/// <summary>The situations of Prometheus's own federation test (web/federate_test.go), told in our words: one sample a minute for 100 minutes, asked for at minute 101.</summary>
public sealed class FederateTests
{
    private const int MinuteMs = 60_000;
    private const string Everything = "{__name__=~'.%2b'}";

    private const string Metric1 = """
        # TYPE test_metric1 untyped
        test_metric1{foo="bar",instance="i"} 10000 6000000
        test_metric1{foo="boo",instance="i"} 1 6000000

        """;

    private const string Metric2 = """
        # TYPE test_metric2 untyped
        test_metric2{foo="boo",instance="i"} 1 6000000

        """;

    private const string OldAndBare = """
        # TYPE test_metric_old untyped
        test_metric_old{instance=""} 981 5880000
        # TYPE test_metric_without_labels untyped
        test_metric_without_labels{instance=""} 1001 6000000

        """;

    public static TheoryData<string, string> Answers => new()
    {
        { "", "" },
        { "match[]=does_not_match_anything", "" },
        { "match[]=test_metric1", Metric1 },
        { "match[]=test_metric2", Metric2 },
        { "match[]=test_metric_without_labels", "# TYPE test_metric_without_labels untyped\ntest_metric_without_labels{instance=\"\"} 1001 6000000\n" },
        { "match[]=test_metric_stale", "" },
        { "match[]=test_metric_old", "# TYPE test_metric_old untyped\ntest_metric_old{instance=\"\"} 981 5880000\n" },
        { "match[]={foo='boo'}", "# TYPE test_metric1 untyped\ntest_metric1{foo=\"boo\",instance=\"i\"} 1 6000000\n" + Metric2 },
        { "match[]=test_metric1&match[]=test_metric2", Metric1 + Metric2 },
        { "match[]={__name__=~'test_metric1'}&match[]={foo='bar'}", Metric1 },
        { $"match[]={Everything}", Metric1 + Metric2 + OldAndBare },
        { "match[]={foo='',__name__=~'.%2b'}", OldAndBare },
        { "match[]={bar='',__name__=~'.%2b'}", Metric1 + Metric2 + OldAndBare },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Federate_Selectors_GivesTheNewestSamples(string query, string page)
    {
        await using var node = await StartAsync(Labels.Empty);

        Assert.Equal((200, page), await node.GetAsync($"/federate?{query}"));
    }

    [Theory]
    [InlineData("-not-a-valid-metric-name", "1:1: parse error: ")]
    [InlineData("not-a-valid-metric-name", "1:4: parse error: ")]
    public async Task Federate_BrokenSelector_TellsThePlace(string selector, string start)
    {
        await using var node = await StartAsync(Labels.Empty);

        var (status, body) = await node.GetAsync($"/federate?match[]={selector}");

        Assert.Equal(400, status);
        Assert.StartsWith(start, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Federate_ExternalLabels_AreAddedWhereMissing()
    {
        await using var node = await StartAsync(Labels.Of(("foo", "baz"), ("zone", "ie")));

        var (_, body) = await node.GetAsync($"/federate?match[]={Everything}");

        Assert.Equal(
            """
            # TYPE test_metric1 untyped
            test_metric1{foo="bar",instance="i",zone="ie"} 10000 6000000
            test_metric1{foo="boo",instance="i",zone="ie"} 1 6000000
            # TYPE test_metric2 untyped
            test_metric2{foo="boo",instance="i",zone="ie"} 1 6000000
            # TYPE test_metric_old untyped
            test_metric_old{foo="baz",instance="",zone="ie"} 981 5880000
            # TYPE test_metric_without_labels untyped
            test_metric_without_labels{foo="baz",instance="",zone="ie"} 1001 6000000

            """, body);
    }

    [Fact]
    public async Task Federate_InstanceAsExternalLabel_TakesThePlaceOfTheEmptyOne()
    {
        await using var node = await StartAsync(Labels.Of(("instance", "baz")));

        var (_, body) = await node.GetAsync($"/federate?match[]={Everything}");

        Assert.Equal(Metric1 + Metric2 + OldAndBare.Replace("instance=\"\"", "instance=\"baz\"", StringComparison.Ordinal), body);
    }

    [Fact]
    public async Task Federate_BeforeTheNodeIsReady_IsUnavailable()
    {
        await using var node = await StartAsync(Labels.Empty);
        node.Readiness.IsServing = false;

        Assert.Equal(503, (await node.GetAsync("/federate?match[]=up")).Status);
    }

    [Fact]
    public async Task Federate_NamesThatNeedQuotes_AreQuoted()
    {
        await using var node = await StartAsync(Labels.Empty);
        Append(node, 100, Labels.Of((Labels.MetricName, "http.requests"), ("a.b", "x\"\\\ny")), 1e6);

        var (_, body) = await node.GetAsync("/federate?match[]={%22http.requests%22}");

        Assert.Equal("# TYPE \"http.requests\" untyped\n{\"http.requests\",\"a.b\"=\"x\\\"\\\\\\ny\",instance=\"\"} 1e+06 6000000\n", body);
    }

    private static async Task<EndpointFixture> StartAsync(Labels externalLabels)
    {
        var node = await EndpointFixture.StartAsync(DateTimeOffset.UnixEpoch.AddMinutes(101), externalLabels);
        for (var minute = 0; minute <= 100; minute++)
        {
            Append(node, minute, Labels.Of((Labels.MetricName, "test_metric1"), ("foo", "bar"), ("instance", "i")), 100 * minute);
            Append(node, minute, Labels.Of((Labels.MetricName, "test_metric1"), ("foo", "boo"), ("instance", "i")), 1);
            Append(node, minute, Labels.Of((Labels.MetricName, "test_metric2"), ("foo", "boo"), ("instance", "i")), 1);
            Append(node, minute, Labels.Of((Labels.MetricName, "test_metric_without_labels")), 1 + (10 * minute));
            Append(node, minute, Labels.Of((Labels.MetricName, "test_metric_stale")), minute < 100 ? 1 + (10 * minute) : SpecialValues.StaleNaN);
            if (minute <= 98)
            {
                Append(node, minute, Labels.Of((Labels.MetricName, "test_metric_old")), 1 + (10 * minute));
            }
        }

        return node;
    }

    private static void Append(EndpointFixture node, int minute, Labels labels, double value)
    {
        node.Storage.Append(batch =>
        {
            batch.TimestampMs = (long)minute * MinuteMs;
            batch.AddNew(labels, value);
        });
    }
}
