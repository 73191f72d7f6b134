using System.Net;
using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Node.Reads;

/// <summary>Two nodes, one answer: over HTTP on the asked node, by the bytes of the wire from the other.</summary>
public sealed class ClusterReadTests : IAsyncLifetime
{
    private ReadCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await ReadCluster.StartAsync(["node1", "node2"]);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Targets_OfBothNodes_AreOneList()
    {
        _cluster.Publish([ReadCluster.MemberOf("node1"), ReadCluster.MemberOf("node2")], Row("node2"));
        _cluster.Scrapes("node1", "a", 1, ReadCluster.Now, instance: "one:80");
        _cluster.Scrapes("node2", "b", 2, ReadCluster.Now, "refused", instance: "two:80");
        _cluster.Scrapes("node1", "moving", 4, ReadCluster.Now, instance: "old:80");
        _cluster.Scrapes("node2", "moving", 4, ReadCluster.Now.AddSeconds(-3), instance: "new:80");

        var (status, body) = await _cluster["node1"].GetAsync("/api/v1/targets?state=active");

        Assert.Equal(200, status);
        Assert.Equal(["one:80", "two:80", "new:80"], System.Text.RegularExpressions.Regex.Matches(body, "\"instance\":\"([^\"]+)\"").Select(match => match.Groups[1].Value));
        Assert.Contains("\"lastError\":\"refused\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("warnings", body, StringComparison.Ordinal);
        Assert.Equal(body, (await _cluster["node2"].GetAsync("/api/v1/targets?state=active")).Body);
    }

    [Fact]
    public async Task DroppedTargetsAndPools_AreTheLeaders()
    {
        _cluster["node1"].Context.Board.Publish([new JobSnapshot("j", [], 1, [Labels.Of(("__address__", "gone:80"))], 3, [], null)]);

        Assert.Equal(
            (200, """{"status":"success","data":{"activeTargets":[],"droppedTargets":[{"discoveredLabels":{"__address__":"gone:80"},"scrapePool":"j"}],"droppedTargetCounts":{"j":3}}}"""),
            await _cluster["node2"].GetAsync("/api/v1/targets?state=dropped"));
        Assert.Equal((200, """{"status":"success","data":{"scrapePools":["j"]}}"""), await _cluster["node2"].GetAsync("/api/v1/scrape_pools"));
    }

    [Fact]
    public async Task SeriesLabelsAndValues_AreTheUnion_AndLimitsHoldForIt()
    {
        Append("node1", 0, ("__name__", "m"), ("a", "1"));
        Append("node1", 0, ("__name__", "m"), ("a", "2"));
        Append("node2", 0, ("__name__", "m"), ("a", "2"));
        Append("node2", 0, ("__name__", "m"), ("a", "3"), ("b", "x"));

        Assert.Equal((200, Data("""[{"__name__":"m","a":"1"},{"__name__":"m","a":"2"},{"__name__":"m","a":"3","b":"x"}]""")), await _cluster["node2"].GetAsync("/api/v1/series?match[]=m"));
        Assert.Equal((200, Data("""["__name__","a","b"]""")), await _cluster["node1"].GetAsync("/api/v1/labels"));
        Assert.Equal((200, Data("""["1","2","3"]""")), await _cluster["node1"].GetAsync("/api/v1/label/a/values?limit=3"));
        Assert.Equal((200, Data("""["1","2"],"warnings":["results truncated due to limit"]""")), await _cluster["node1"].GetAsync("/api/v1/label/a/values?limit=2"));
    }

    [Fact]
    public async Task Federate_NewestOfAllNodes_MarkersIncluded()
    {
        Append("node1", -40_000, ("__name__", "moved"));
        Append("node2", -10_000, ("__name__", "moved"));
        Append("node1", -20_000, ("__name__", "ended"));
        AppendValue("node2", -10_000, SpecialValues.StaleNaN, ("__name__", "ended"));
        Append("node2", -301_000, ("__name__", "old"));

        var nowMs = ReadCluster.Now.ToUnixTimeMilliseconds();
        Assert.Equal((200, $"# TYPE moved untyped\nmoved{{instance=\"\"}} 1 {nowMs - 10_000}\n"), await _cluster["node1"].GetAsync("/federate?match[]={__name__!=''}"));
    }

    [Fact]
    public async Task TwoReplicas_AreOneSeriesToReaders()
    {
        await using var cluster = await ReadCluster.StartAsync(["node1", "node2"], "__replica__");
        Append(cluster, "node1", -4_000, 1, ("__name__", "m"), ("__replica__", "1"));
        Append(cluster, "node2", -9_000, 2, ("__name__", "m"), ("__replica__", "0"));

        Assert.Equal((200, Data("""[{"__name__":"m"}]""")), await cluster["node1"].GetAsync("/api/v1/series?match[]=m"));
        Assert.Equal((200, Data("""["__name__"]""")), await cluster["node1"].GetAsync("/api/v1/labels"));
        Assert.Equal((200, Data("[]")), await cluster["node1"].GetAsync("/api/v1/label/__replica__/values"));
        Assert.Equal((200, Data("[]")), await cluster["node1"].GetAsync("/api/v1/series?match[]=m{__replica__=\"1\"}"));
        Assert.Equal((200, Data("""[{"__name__":"m"}]""")), await cluster["node1"].GetAsync("/api/v1/series?match[]=m{__replica__=\"\"}"));
        var nowMs = ReadCluster.Now.ToUnixTimeMilliseconds();
        Assert.Equal((200, $"# TYPE m untyped\nm{{instance=\"\"}} 2 {nowMs - 9_000}\n"), await cluster["node1"].GetAsync("/federate?match[]=m"));
    }

    [Fact]
    public async Task MemberThatIsDown_IsNotAsked()
    {
        _cluster.Publish([ReadCluster.MemberOf("node1"), ReadCluster.MemberOf("node2", MemberState.Down)]);

        Assert.Equal((200, Data("[]")), await _cluster["node1"].GetAsync("/api/v1/labels"));
        Assert.Equal(0, _cluster.Calls);
    }

    [Fact]
    public async Task NodeThatCannotBeReached_IsNamed()
    {
        Append("node1", 0, ("__name__", "m"));
        _cluster.Faults["node2"] = (_, _) => throw new PeerUnavailableException("nobody listens at node2:9096", isRefused: true);

        Assert.Equal(
            (200, Data("""["m"],"warnings":["node node2 is missing in this answer: nobody listens at node2:9096"]""")), await _cluster["node1"].GetAsync("/api/v1/label/__name__/values"));

        using var page = await _cluster["node1"].SendAsync(HttpMethod.Get, "/federate?match[]=m");
        Assert.Equal(["node2"], page.Headers.GetValues("X-ScrapeCluster-Missing"));
        var (_, metrics) = await _cluster["node1"].GetAsync("/metrics");
        Assert.Contains("\nscrapecluster_read_missing_nodes_total 2\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeThatHangs_IsNamedAfterTwoSeconds()
    {
        var asked = new TaskCompletionSource();
        _cluster.Faults["node2"] = async (_, _) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
            return null!;
        };

        var answer = _cluster["node1"].GetAsync("/api/v1/labels");
        await asked.Task;
        var time = (ManualTimeProvider)_cluster["node1"].Context.Time;
        while (!answer.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        Assert.Equal((200, Data("""[],"warnings":["node node2 is missing in this answer: no answer within 2 s"]""")), await answer);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF }, "its answer cannot be read")]
    [InlineData(new byte[] { 0x0A, 0x03, 0x09, 0x61, 0x61 }, "its answer cannot be read: a label set is damaged")]
    public async Task NodeThatAnswersGarbage_IsNamed(byte[] body, string reason)
    {
        _cluster.Faults["node2"] = (asked, _) => Task.FromResult(new ReadEnvelope { Kind = asked.Kind, Body = ByteString.CopyFrom(body) });

        var (status, text) = await _cluster["node1"].GetAsync("/api/v1/series?match[]=m");

        Assert.Equal(200, status);
        Assert.Contains($"node node2 is missing in this answer: {reason}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeWhosePartIsTooLarge_IsNamed()
    {
        for (var i = 0; i < 49; i++)
        {
            Append("node2", 0, ("__name__", "m"), ("a", $"{i}" + new string('x', 1 << 20)));
        }

        var (status, body) = await _cluster["node1"].GetAsync("/api/v1/label/a/values");

        Assert.Equal(200, status);
        Assert.Matches("^.*\"data\":\\[\\],\"warnings\":\\[\"node node2 is missing in this answer: its part has [0-9]+ bytes, more than 50331648: ask for less, by match\\[\\] or a limit\"\\]}$", body);
        Assert.DoesNotContain("warnings\":[\"node", (await _cluster["node1"].GetAsync("/api/v1/label/a/values?limit=1")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeThatIsNotReady_OrOfAnotherVersion_SaysSo()
    {
        _cluster["node2"].Readiness.IsServing = false;
        Assert.Contains("it is not ready yet, or stops", (await _cluster["node1"].GetAsync("/api/v1/labels")).Body, StringComparison.Ordinal);

        var answer = await ScrapeCluster.Node.Reads.PeerAnswers.AnswerAsync(_cluster["node1"].Context, new ReadEnvelope { Kind = "later" }, default);
        Assert.Equal("it is of another version and does not know the question \"later\"", answer.Fault);
    }

    [Fact]
    public async Task SelectorsThatArrivedDamaged_AreAFaultNotACrash()
    {
        var asked = new SelectorsAsked { Selectors = { "{broken" } };

        var answer = await ScrapeCluster.Node.Reads.PeerAnswers.AnswerAsync(_cluster["node1"].Context, new ReadEnvelope { Kind = "series", Body = asked.ToByteString() }, default);

        Assert.StartsWith("selector {broken: ", answer.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaderless_PoolsAreThoseOfTheConfiguration()
    {
        _cluster.Faults["node1"] = (_, _) => throw new PeerUnavailableException("gone", isRefused: true);

        var (status, body) = await _cluster["node2"].GetAsync("/api/v1/scrape_pools");

        Assert.Equal((int)HttpStatusCode.OK, status);
        Assert.Equal("""{"status":"success","data":{"scrapePools":[]},"warnings":["node node1 is missing in this answer: gone"]}""", body);
    }

    private static string Data(string data) => $$"""{"status":"success","data":{{data}}}""";

    private static Assignment Row(string owner)
    {
        return new Assignment(new SlotKey(new BucketKey("moving", 0), 0), 4, owner, "", DateTimeOffset.MinValue, 3, 1, "balance");
    }

    private void Append(string node, long fromNowMs, params (string Name, string Value)[] labels) => AppendValue(node, fromNowMs, 1, labels);

    private void AppendValue(string node, long fromNowMs, double value, params (string Name, string Value)[] labels) => Append(_cluster, node, fromNowMs, value, labels);

    private static void Append(ReadCluster cluster, string node, long fromNowMs, double value, params (string Name, string Value)[] labels)
    {
        cluster[node].Storage.Append(batch =>
        {
            batch.TimestampMs = ReadCluster.Now.ToUnixTimeMilliseconds() + fromNowMs;
            batch.AddNew(Labels.Of(labels), value);
        });
    }
}
