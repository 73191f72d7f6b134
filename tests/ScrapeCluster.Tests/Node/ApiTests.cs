using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.Node;

/// <summary>Requests and the whole of their answers, over a real socket, from a node that scraped one healthy and one failing target.</summary>
public sealed class ApiTests : IAsyncLifetime
{
    private const string Page = "# HELP m_total Things.\n# TYPE m_total counter\nm_total{a=\"1\"} 1\nm_total{a=\"2\"} 2\n# TYPE temperature gauge\n# UNIT temperature celsius\ntemperature 3\n";

    private readonly SocketExporter _exporter = new(SocketExporter.Ok(Page));
    private readonly SocketExporter _broken = new("HTTP/1.1 500 Oh No\r\nContent-Length: 0\r\n\r\n");
    private NodeUnderTest _node = null!;

    public async ValueTask InitializeAsync()
    {
        var yaml = $$"""
            global: {scrape_interval: 1m, scrape_timeout: 1m}
            rule_files: [rules.yml]
            scrape_configs:
            - job_name: good
              static_configs: [{targets: ['{{new Uri(_exporter.Url).Authority}}', 'gone:80']}]
              relabel_configs: [{source_labels: [__address__], regex: gone.*, action: drop}]
            - job_name: bad
              static_configs: [{targets: ['{{new Uri(_broken.Url).Authority}}'], labels: {evil: "<script>'\"&"} }]
            """;
        _node = await NodeUnderTest.StartAsync(yaml, "--web.external-url=http://node.example/below/");
        await _node.ScrapeAllAsync(2);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _exporter.DisposeAsync();
        await _broken.DisposeAsync();
    }

    [Fact]
    public async Task Targets_EveryState_HasItsArrays()
    {
        const string Good = """{"discoveredLabels":{"__address__":"127.0.0.1:*","__always_scrape_classic_histograms__":"false","__convert_classic_histograms_to_nhcb__":"false","__metrics_path__":"/metrics","__scheme__":"http","__scrape_interval__":"1m","__scrape_native_histograms__":"false","__scrape_timeout__":"1m","job":"good"},"labels":{"instance":"127.0.0.1:*","job":"good"},"scrapePool":"good","scrapeUrl":"http://127.0.0.1:*/metrics","globalUrl":"http://node.example:*/metrics","lastError":"","lastScrape":"*","lastScrapeDuration":*,"health":"up","scrapeInterval":"1m","scrapeTimeout":"1m"}""";
        const string Dropped = """{"discoveredLabels":{"__address__":"gone:80","__always_scrape_classic_histograms__":"false","__convert_classic_histograms_to_nhcb__":"false","__metrics_path__":"/metrics","__scheme__":"http","__scrape_interval__":"1m","__scrape_native_histograms__":"false","__scrape_timeout__":"1m","job":"good"},"scrapePool":"good"}""";

        await Expect("/api/v1/targets?state=active&scrapePool=good", $$"""{"activeTargets":[{{Good}}],"droppedTargets":[],"droppedTargetCounts":null}""");
        await Expect("/api/v1/targets?state=dropped", $$$"""{"activeTargets":[],"droppedTargets":[{{{Dropped}}}],"droppedTargetCounts":{"bad":0,"good":1}}""");
        await Expect("/api/v1/targets?state=dropped&scrapePool=bad", """{"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":{"bad":0,"good":1}}""");
        await Expect("/api/v1/targets?state=ANY&scrapePool=good", $$$"""{"activeTargets":[{{{Good}}}],"droppedTargets":[{{{Dropped}}}],"droppedTargetCounts":{"bad":0,"good":1}}""");
        await Expect("/api/v1/targets?state=strange", """{"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":null}""");
    }

    [Fact]
    public async Task Targets_FailingTarget_TellsWhy()
    {
        var answer = await _node.GetAsync("/api/v1/targets?state=active&scrapePool=bad");

        Assert.Contains("\"lastError\":\"server returned HTTP status 500 Oh No\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"health\":\"down\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ScrapePools_AreSortedAndTellTheirConfiguration()
    {
        await Expect("/api/v1/scrape_pools", """{"scrapePools":["bad","good"]}""");
        await ExpectError("/api/v1/scrape_pools/config", 400, "bad_data", "no scrapePool parameter provided");
        await ExpectError("/api/v1/scrape_pools/config?scrapePool=x", 400, "bad_data", "scrape pool \\\"x\\\" not found");
        Assert.StartsWith("200 {\"status\":\"success\",\"data\":{\"yaml\":\"job_name: good\\n", await _node.GetAsync("/api/v1/scrape_pools/config?scrapePool=good"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RelabelSteps_EndAtTheRuleThatDrops()
    {
        const string Rule = """{"source_labels":["__address__"],"separator":";","regex":"gone.*","modulus":0,"target_label":"","replacement":"$1","action":"drop"}""";

        await Expect("/api/v1/targets/relabel_steps?scrapePool=good&labels={\"__address__\":\"x\"}", $$"""{"steps":[{"rule":{{Rule}},"output":{"__address__":"x"},"keep":true}]}""");
        await Expect("/api/v1/targets/relabel_steps?scrapePool=good&labels={\"__address__\":\"gone\"}", $$"""{"steps":[{"rule":{{Rule}},"output":{},"keep":false}]}""");
    }

    [Fact]
    public async Task Metadata_LimitsCountFamiliesAndEntries()
    {
        const string Things = """[{"type":"counter","help":"Things.","unit":""}]""";

        await Expect("/api/v1/metadata?metric=m_total", $$"""{"m_total":{{Things}}}""");
        await Expect("/api/v1/metadata?limit=1", $$"""{"m_total":{{Things}}}""");
        await Expect("/api/v1/metadata?limit=0", "{}");
        await Expect("/api/v1/metadata?metric=m_total&limit_per_metric=0", $$"""{"m_total":{{Things}}}""");
        await Expect("/api/v1/metadata?metric=other", "{}");
        await ExpectError("/api/v1/metadata?limit=x", 400, "bad_data", "limit must be a number");
    }

    [Fact]
    public async Task TargetMetadata_NamesTheFamilyUnlessItWasAskedFor()
    {
        const string Labels = """{"instance":"127.0.0.1:*","job":"good"}""";

        await Expect("/api/v1/targets/metadata?metric=m_total", $$"""[{"target":{{Labels}},"type":"counter","help":"Things.","unit":""}]""");
        await Expect("/api/v1/targets/metadata?match_target={job=\"bad\"}", "[]");
        await Expect("/api/v1/targets/metadata?limit=0", "[]");
        Assert.Contains("\"metric\":\"m_total\"", await _node.GetAsync("/api/v1/targets/metadata?match_target={job=\"good\"}&limit=1"), StringComparison.Ordinal);
        Assert.StartsWith("400 ", await _node.GetAsync("/api/v1/targets/metadata?match_target={"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Series_ByGetAndByForm_AreTheSame()
    {
        const string Both = """[{"__name__":"m_total","a":"1","instance":"127.0.0.1:*","job":"good"},{"__name__":"m_total","a":"2","instance":"127.0.0.1:*","job":"good"}]""";

        await Expect("/api/v1/series?match[]=m_total{a=\"1\"}&match[]=m_total", Both);
        var form = new FormUrlEncodedContent([new("match[]", "m_total{a=\"2\"}"), new("match[]", "m_total{a=\"1\"}")]);
        Assert.Equal($$"""200 {"status":"success","data":{{Both}}}""", await _node.AskAsync(HttpMethod.Post, "/api/v1/series", form));
        await Expect("/api/v1/series?match[]=m_total&end=1", "[]");
    }

    [Fact]
    public async Task Series_Limit_WarnsWhenItCuts()
    {
        var cut = await _node.GetAsync("/api/v1/series?match[]=m_total&limit=1");
        var whole = await _node.GetAsync("/api/v1/series?match[]=m_total&limit=2");

        Assert.EndsWith("""],"warnings":["results truncated due to limit"]}""", cut, StringComparison.Ordinal);
        Assert.DoesNotContain("warnings", whole, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/series", "no match[] parameter provided")]
    [InlineData("/api/v1/series?match[]={}", "invalid parameter \\\"match[]\\\": match[] must contain at least one non-empty matcher")]
    [InlineData("/api/v1/series?match[]=up&limit=-1", "invalid parameter \\\"limit\\\": limit must be non-negative")]
    [InlineData("/api/v1/labels?start=abc", "invalid parameter \\\"start\\\": cannot parse \\\"abc\\\" to a valid timestamp")]
    [InlineData("/api/v1/label/job/values?start=2&end=1", "invalid parameter \\\"end\\\": end timestamp must not be before start time")]
    [InlineData("/api/v1/status/tsdb?limit=0", "limit must be a positive number")]
    [InlineData("/api/v1/status/tsdb?limit=10001", "limit must not exceed 10000")]
    public Task BadParameters_AreBadData(string path, string message) => ExpectError(path, 400, "bad_data", message);

    [Fact]
    public async Task LabelsAndValues_AreSorted()
    {
        await Expect("/api/v1/labels?match[]=m_total", """["__name__","a","instance","job"]""");
        await Expect("/api/v1/label/a/values", """["1","2"]""");
        await Expect("/api/v1/label/a/values?match[]={a!=\"1\",job=\"good\"}", """["2"]""");
        await Expect("/api/v1/label/U__a/values", """["1","2"]""");
        await Expect("/api/v1/label/absent/values", "[]");
    }

    [Fact]
    public async Task Status_HasTheMembersOfPrometheus()
    {
        var info = await _node.GetAsync("/api/v1/status/runtimeinfo");
        foreach (var member in (string[])["startTime", "CWD", "hostname", "serverTime", "reloadConfigSuccess", "lastConfigTime", "corruptionCount", "goroutineCount", "GOMAXPROCS", "GOMEMLIMIT", "GOGC", "GODEBUG", "storageRetention"])
        {
            Assert.Contains($"\"{member}\":", info, StringComparison.Ordinal);
        }

        Assert.Contains("\"storageRetention\":\"15d\"", info, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"m_total\",\"value\":2}", await _node.GetAsync("/api/v1/status/tsdb"), StringComparison.Ordinal);
        Assert.Contains("\"web.external-url\":\"http://node.example/below/\"", await _node.GetAsync("/api/v1/status/flags"), StringComparison.Ordinal);
        Assert.Contains("job_name: good", await _node.GetAsync("/api/v1/status/config"), StringComparison.Ordinal);
        Assert.StartsWith("200 {\"status\":\"success\",\"data\":{\"version\":", await _node.GetAsync("/api/v1/status/buildinfo"), StringComparison.Ordinal);
        Assert.StartsWith("200 {\"status\":\"success\",\"data\":{\"min\":", await _node.GetAsync("/api/v1/status/walreplay"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNotBuilt_SaysSo()
    {
        foreach (var path in (string[])["/api/v1/query?query=up", "/api/v1/query_range?query=up", "/api/v1/query_exemplars"])
        {
            var answer = await _node.GetAsync(path);
            Assert.StartsWith("422 {\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"", answer, StringComparison.Ordinal);
            Assert.Contains("remote_write", answer, StringComparison.Ordinal);
        }

        await Expect("/api/v1/rules", """{"groups":[]}""");
        await Expect("/api/v1/alerts", """{"alerts":[]}""");
        await Expect("/api/v1/alertmanagers", """{"activeAlertmanagers":[],"droppedAlertmanagers":[]}""");
        Assert.StartsWith("404", await _node.GetAsync("/api/v1/unknown"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lifecycle_WithoutTheFlag_IsForbidden()
    {
        Assert.StartsWith("403 Lifecycle API is not enabled", await _node.AskAsync(HttpMethod.Post, "/-/reload"), StringComparison.Ordinal);
        Assert.StartsWith("403", await _node.AskAsync(HttpMethod.Put, "/-/quit"), StringComparison.Ordinal);
        Assert.StartsWith("405", await _node.GetAsync("/-/reload"), StringComparison.Ordinal);
        Assert.Equal("200 ScrapeCluster is Healthy.\n", await _node.GetAsync("/-/healthy"));
        Assert.Equal("200 ", await _node.AskAsync(HttpMethod.Head, "/-/ready"));
    }

    [Fact]
    public async Task Actors_AreToldParentsFirst()
    {
        var all = await _node.GetAsync("/api/cluster/v1/actors");
        Assert.StartsWith("200 {\"status\":\"success\",\"data\":{\"actors\":[{\"path\":\"/user\",", all, StringComparison.Ordinal);
        Assert.Contains("{\"path\":\"/user/pools/good@0\",\"type\":\"ScrapePoolActor\",\"mailboxLength\":", all, StringComparison.Ordinal);
        Assert.StartsWith("200 {\"status\":\"success\",\"data\":{\"actors\":[{\"path\":\"/user/storage\",\"type\":\"StorageActor\",", await _node.GetAsync("/api/cluster/v1/actors?path=/user/storage"), StringComparison.Ordinal);
        await ExpectError("/api/cluster/v1/actors?path=/user/nobody", 404, "not_found", "there is no actor /user/nobody");
    }

    [Fact]
    public async Task Paths_BelowTheExternalUrl_AreServedToo()
    {
        await Expect("/below/api/v1/scrape_pools", """{"scrapePools":["bad","good"]}""");
        Assert.StartsWith("200 <!doctype html>", await _node.GetAsync("/below/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_LabelsAndErrors_AreEscaped()
    {
        var page = await _node.GetAsync("/");

        Assert.Contains("evil=&quot;&lt;script&gt;&#x27;&quot;&amp;&quot;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("server returned HTTP status 500 Oh No", page, StringComparison.Ordinal);
        Assert.Contains("Section rule_files of the configuration has no effect here", page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("<h2>good", StringComparison.Ordinal) < page.IndexOf("<h2>bad", StringComparison.Ordinal), "pools stand in the order of the file");
    }

    private async Task Expect(string path, string data)
    {
        Assert.Equal($$"""200 {"status":"success","data":{{data}}}""", await _node.GetAsync(path));
    }

    private async Task ExpectError(string path, int status, string type, string message)
    {
        Assert.Equal($$"""{{status}} {"status":"error","errorType":"{{type}}","error":"{{message}}"}""", await _node.GetAsync(path));
    }
}
