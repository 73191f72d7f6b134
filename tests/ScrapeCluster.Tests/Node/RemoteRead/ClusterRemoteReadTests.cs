using System.Net;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Testing;
using ScrapeCluster.Tests.Node.Reads;

namespace ScrapeCluster.Tests.Node.RemoteRead;

/// <summary>Remote read of a cluster: whoever is asked answers for all, and says who is missing.</summary>
public sealed class ClusterRemoteReadTests : IAsyncLifetime
{
    private static readonly long _nowMs = ReadCluster.Now.ToUnixTimeMilliseconds();

    private ReadCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await ReadCluster.StartAsync(["node1", "node2", "node3"]);
        Append(_cluster, "node1", "moved", 10, 20);
        Append(_cluster, "node2", "moved", 30, 40);
        Append(_cluster, "node3", "moved", 40, 50);
        Append(_cluster, "node1", "only1", 10);
        Append(_cluster, "node2", "only2", 10);
        Append(_cluster, "node3", "a", 10);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData("node1")]
    [InlineData("node3")]
    public async Task Read_OfAnyNode_IsTheAnswerOfAll(string node)
    {
        string[] expected = [Text("a", 10), Text("moved", 10, 20, 30, 40, 50), Text("only1", 10), Text("only2", 10)];

        var samples = await _cluster[node].SamplesAsync(ReadExchange.Request(Everything()));
        var frames = await _cluster[node].FramesAsync(ReadExchange.Streamed(Everything()));

        Assert.Equal(expected, ReadExchange.Texts(samples.Results[0]));
        Assert.Equal(expected, ReadExchange.Texts(frames));
    }

    [Fact]
    public async Task Read_ANodeIsMissing_TheOthersAnswerAndItIsNamed()
    {
        _cluster.StreamFaults["node2"] = _ => throw new PeerUnavailableException("nobody listens there", isRefused: true);
        foreach (var request in (ScrapeCluster.Node.RemoteRead.Wire.ReadRequest[])[ReadExchange.Request(Everything()), ReadExchange.Streamed(Everything())])
        {
            using var response = await _cluster["node1"].ReadAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(["node2"], response.Headers.GetValues("X-ScrapeCluster-Missing"));

            using var refused = await _cluster["node1"].ReadAsync(request, "?partial_response=false");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("node node2 is missing in this answer: nobody listens there\n", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        var samples = await _cluster["node1"].SamplesAsync(ReadExchange.Request(Everything()));
        Assert.Equal([Text("a", 10), Text("moved", 10, 20, 40, 50), Text("only1", 10)], ReadExchange.Texts(samples.Results[0]));
    }

    [Fact]
    public async Task Read_ANodeThatHangs_IsMissingAfterTwoSeconds()
    {
        // Two nodes: the wait for a third one would be a timer more, for as long as it takes that one to begin.
        await using var cluster = await ReadCluster.StartAsync(["node1", "node2"]);
        var time = (ManualTimeProvider)cluster["node1"].Context.Time;
        var timers = time.TimerCount;
        var asked = cluster.Silent["node2"] = new TaskCompletionSource();
        var answer = cluster["node1"].ReadAsync(ReadExchange.Streamed(Everything()), "?partial_response=false");
        await asked.Task;
        while (time.TimerCount < timers + 2)
        {
            // That of the whole read, and that of the wait for the node, which begins after the node was asked.
            await Task.Yield();
        }

        time.Advance(TimeSpan.FromSeconds(2));

        using var refused = await answer;
        Assert.Equal("node node2 is missing in this answer: no answer within 2 s\n", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The others have begun by then: left open they would hold their blocks until the nodes part.</summary>
    [Fact]
    public async Task Read_ANodeEndsTheQuestion_TheStreamsOfTheOthersAreEnded()
    {
        _cluster.StreamFaults["node2"] = _ => [new StoredPart { SamplesLimit = 5, Fault = "too many" }];

        using var response = await _cluster["node1"].ReadAsync(ReadExchange.Streamed(Everything()));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("exceeded sample limit (5)\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, _cluster.OpenStreams);
    }

    /// <summary>What it gave stays where its reader can still be told that there is less; else the answer must not look whole.</summary>
    [Fact]
    public async Task Read_ANodeBreaksOff_IsToldOrCutsTheAnswerOff()
    {
        _cluster.StreamFaults["node2"] = parts => parts.Take(2).Append(new StoredPart { Fault = "its disk is gone" });

        using var samples = await _cluster["node1"].ReadAsync(ReadExchange.Request(Everything()));
        Assert.Equal(HttpStatusCode.OK, samples.StatusCode);
        Assert.Equal(["node2"], samples.Headers.GetValues("X-ScrapeCluster-Missing"));

        var failure = await Record.ExceptionAsync(async () =>
        {
            using var streamed = await _cluster["node1"].ReadAsync(ReadExchange.Streamed(Everything()));
            await streamed.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        });
        Assert.IsType<HttpRequestException>(failure);
    }

    [Fact]
    public async Task Read_TwoReplicas_AreOneSeries()
    {
        await using var cluster = await ReadCluster.StartAsync(["node1", "node2"], "zreplica");
        Append(cluster, "node1", "m", [10, 20, 30], ("zreplica", "1"));
        Append(cluster, "node2", "m", [12, 22, 32], ("zreplica", "0"));
        Append(cluster, "node1", "m", [10, 20, 30], ("x", "y"), ("zreplica", "0"));
        Append(cluster, "node2", "m", [12, 22, 32], ("x", "y"), ("zreplica", "1"));

        var samples = await cluster["node1"].SamplesAsync(ReadExchange.Request(ReadExchange.Query("m", 0, long.MaxValue)));
        var frames = await cluster["node2"].FramesAsync(ReadExchange.Streamed(ReadExchange.Query("m{zreplica=\"\"}", 0, long.MaxValue)));

        string[] expected = [Text("m", 12, 22, 32), $"{{__name__=m,x=y}} {string.Join(' ', new[] { 10, 20, 30 }.Select(second => $"{At(second)}={second}"))}"];
        Assert.Equal(expected, ReadExchange.Texts(samples.Results[0]));
        Assert.Equal(expected, ReadExchange.Texts(frames));
        Assert.Empty((await cluster["node1"].SamplesAsync(ReadExchange.Request(ReadExchange.Query("m{zreplica=\"1\"}", 0, long.MaxValue)))).Results[0].Timeseries);
        Assert.Equal((200, """{"status":"success","data":[{"__name__":"m"},{"__name__":"m","x":"y"}]}"""), await cluster["node2"].GetAsync("/api/v1/series?match[]=m"));
    }

    [Fact]
    public async Task Read_MoreThanAllowedOnAnotherNode_IsRefused()
    {
        await using var cluster = await ReadCluster.StartAsync(["node1", "node2"], arrangeNode: context => context with
        {
            Settings = context.Settings with { Reads = context.Settings.Reads with { MaxSamples = 2 } },
        });
        Append(cluster, "node2", "m", 10, 20, 30);

        using var response = await cluster["node1"].ReadAsync(ReadExchange.Request(ReadExchange.Query("m", 0, long.MaxValue)));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("exceeded sample limit (2)\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static ScrapeCluster.Node.RemoteRead.Wire.Query Everything() => ReadExchange.Query("{__name__!=\"\"}", 0, long.MaxValue);

    private static string Text(string name, params int[] seconds) => string.Join(' ', [$"{{__name__={name}}}", .. seconds.Select(second => $"{At(second)}={second}")]);

    private static long At(int second) => _nowMs + (second * 1000L);

    private static void Append(ReadCluster cluster, string node, string name, params int[] seconds) => Append(cluster, node, name, seconds, []);

    private static void Append(ReadCluster cluster, string node, string name, int[] seconds, params (string Name, string Value)[] labels)
    {
        foreach (var second in seconds)
        {
            var result = cluster[node].Storage.Append(batch =>
            {
                batch.TimestampMs = At(second);
                batch.AddNew(Labels.Of([(Labels.MetricName, name), .. labels]), second);
            });
            Assert.Empty(result.Refused);
        }
    }
}
