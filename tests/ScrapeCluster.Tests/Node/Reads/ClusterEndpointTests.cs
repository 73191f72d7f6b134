using System.Net;
using System.Text;
using System.Text.Json;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Node.Reads;

public sealed class ClusterEndpointTests : IAsyncLifetime
{
    private static readonly string Bearer = $"Bearer {AdminToken.FromSecret(Encoding.UTF8.GetBytes(ReadCluster.Secret)).Text}";

    private static readonly BucketKey Poison = new("a job", 7);

    private readonly List<(string Node, LeaveCluster Order)> _left = [];
    private ReadCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await ReadCluster.StartAsync(["node1", "node2"], arrange: access => access with
        {
            Plan = _ => Task.FromResult(Plan(access.Node)),
            Rebalance = _ => Task.FromResult(Plan(access.Node)),
            Release = (bucket, _) => Task.FromResult<IReadOnlyList<Assignment>>(bucket == Poison ? [Row(bucket.Job, bucket.Bucket, access.Node)] : []),
            Leave = (order, _) =>
            {
                _left.Add((access.Node, order));
                return Task.FromResult(new HasLeft(0));
            },
        });
        _cluster.Publish([ReadCluster.MemberOf("node1"), ReadCluster.MemberOf("node2")], Row("job", 0, "node1"), Row("job", 1, "node2"), Row("big", 0, "") with { Count = 1, Reason = "no node has room" });
        using var lifeline = _cluster.Store.OpenLifeline();
        foreach (var node in (string[])["node1", "node2"])
        {
            lifeline.Join(new JoinRequest(node, node, $"{node}:9096", "", "", 0, 1, "", TimeSpan.FromSeconds(3)));
        }
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task StatusAndMembersAndLeader_AreToldByAnyNode()
    {
        var status = await DataAsync("node1", "status?node=node2");
        var members = (await DataAsync("node2", "members")).GetProperty("members").EnumerateArray().ToList();
        var leader = await DataAsync("node2", "leader");

        Assert.Equal(("node2", "up", "node1", false), (Text(status, "node"), Text(status, "state"), Text(status, "leader"), status.GetProperty("isLeader").GetBoolean()));
        Assert.Equal([("node1", true, 1), ("node2", false, 1)], members.Select(member => (Text(member, "node"), member.GetProperty("isLeader").GetBoolean(), member.GetProperty("slots").GetInt32())));
        Assert.Equal(("node1", 3), (Text(leader, "node"), leader.GetProperty("epoch").GetInt32()));
        Assert.Equal((404, "there is no member nobody"), await ErrorAsync(HttpMethod.Get, "status?node=nobody"));
    }

    [Fact]
    public async Task Shards_CarryWhatTheirOwnersScrape()
    {
        _cluster.Scrapes("node1", "job", 2, ReadCluster.Now, "refused");
        _cluster.Scrapes("node2", "job", 1, ReadCluster.Now);

        var shards = (await DataAsync("node1", "shards?job=job")).GetProperty("shards").EnumerateArray().ToList();

        Assert.Equal(
            [("node1", 1, 1, 5.0), ("node2", 1, 0, 5.0)],
            shards.Select(shard => (Text(shard, "owner"), shard.GetProperty("targets").GetInt32(), shard.GetProperty("down").GetInt32(), shard.GetProperty("samplesPerSecond").GetDouble())));
    }

    [Theory]
    [InlineData("http://x:80/metrics")]
    [InlineData("x:80")]
    [InlineData("0000000000000001")]
    [InlineData("{job=\"job\",instance=\"x:80\"}")]
    public async Task Why_ScrapedTarget_TellsOwnerReasonAndTheLastScrape(string target)
    {
        _cluster.Scrapes("node2", "job", 1, ReadCluster.Now, "connection refused");

        var fate = (await DataAsync("node1", $"shards/why?target={Uri.EscapeDataString(target)}")).GetProperty("targets")[0];

        Assert.Equal(("scraped", "node2", "balance", "connection refused", 1), (Text(fate, "verdict"), Text(fate, "owner"), Text(fate, "reason"), Text(fate, "lastError"), fate.GetProperty("bucket").GetInt32()));
    }

    [Fact]
    public async Task Why_StoredButUnplaced_TellsWhyItIsPlacedNowhere()
    {
        await StoreTargetAsync("big", "y:80", 7);

        var fate = (await DataAsync("node2", "shards/why?target=y:80")).GetProperty("targets")[0];

        Assert.Equal(("unplaced", "placed nowhere: no node has room"), (Text(fate, "verdict"), Text(fate, "text")));
    }

    [Fact]
    public async Task Why_DroppedTarget_TellsTheRule()
    {
        var job = new ScrapeConfig
        {
            JobName = "j",
            RelabelConfigs = [new RelabelConfig { SourceLabels = ["zone"], TargetLabel = "z" }, new RelabelConfig { SourceLabels = ["__address__"], Regex = "gone.*", Action = RelabelAction.Drop }],
        };
        _cluster["node2"].Context.Config.Loaded(new PrometheusConfig { ScrapeConfigs = [job] }, ReadCluster.Now);
        _cluster["node1"].Context.Board.Publish([new JobSnapshot("j", [], 0, [Labels.Of(("__address__", "gone:80"))], 1, [new InvalidTarget(Labels.Of(("__address__", "bad:80")), "no port")], null)]);

        var dropped = (await DataAsync("node2", "shards/why?target=gone:80")).GetProperty("targets")[0];
        var invalid = (await DataAsync("node2", "shards/why?target=bad:80")).GetProperty("targets")[0];

        Assert.Equal(2, dropped.GetProperty("rule").GetInt32());
        Assert.Equal("dropped by rule 2 of relabel_configs: action drop, source_labels [__address__], regex \"gone.*\"", Text(dropped, "text"));
        Assert.Equal("not a valid target: no port", Text(invalid, "text"));
        Assert.Equal(404, (await ErrorAsync(HttpMethod.Get, "shards/why?target=other:80")).Status);
    }

    [Fact]
    public async Task Plan_IsTheLeaders_WhoeverIsAsked()
    {
        var plan = await DataAsync("node2", "plan");

        Assert.Equal("node1", Text(plan.GetProperty("moves")[0], "from"));
        Assert.Equal(1, _cluster.Calls);
    }

    [Fact]
    public async Task Orders_NeedTheToken()
    {
        foreach (var (method, path) in ((HttpMethod, string)[])
            [(HttpMethod.Post, "members/node2/down"), (HttpMethod.Post, "members/node1/leave"), (HttpMethod.Post, "rebalance"), (HttpMethod.Post, "shards/release?job=job&bucket=0"), (HttpMethod.Put, "pins?job=job&bucket=0&node=node1"), (HttpMethod.Delete, "pins?job=job&bucket=0")])
        {
            foreach (var shown in (string?[])[null, "", "Bearer", "Bearer x", Bearer + "0", "Basic eDp5"])
            {
                using var response = await _cluster["node1"].SendAsync(method, $"/api/cluster/v1/{path}", shown);
                Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            }
        }

        Assert.Empty(_left);
        Assert.All((await _cluster.Store.ReadAsync(0, default)).Members, member => Assert.NotEqual(MemberState.Down, member.State));
    }

    [Fact]
    public async Task Orders_WithoutAnythingToKnowThemBy_AreOff()
    {
        await using var node = await EndpointFixture.StartAsync(ReadCluster.Now, Labels.Empty);
        using var response = await node.SendAsync(HttpMethod.Post, "/api/cluster/v1/members/node1/leave", Bearer);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task CordonDownPinAndUnpin_AreWrittenToTheStore()
    {
        Assert.Equal(200, (await OrderAsync(HttpMethod.Post, "members/node2/cordon")).Status);
        Assert.Equal(200, (await OrderAsync(HttpMethod.Put, "pins?job=job&bucket=1&node=node1")).Status);
        var view = await _cluster.Store.ReadAsync(0, default);
        Assert.True(view.Members.Single(member => member.Node == "node2").IsCordoned);
        Assert.Equal([new Pin(new BucketKey("job", 1), "node1")], view.Pins);

        Assert.Equal(200, (await OrderAsync(HttpMethod.Post, "members/node2/down")).Status);
        Assert.Equal(200, (await OrderAsync(HttpMethod.Delete, "pins?job=job&bucket=1")).Status);
        Assert.Equal(404, (await OrderAsync(HttpMethod.Delete, "pins?job=job&bucket=1")).Status);
        Assert.Equal(404, (await OrderAsync(HttpMethod.Post, "members/nobody/down")).Status);
        view = await _cluster.Store.ReadAsync(0, default);
        Assert.Equal(MemberState.Down, view.Members.Single(member => member.Node == "node2").State);
        Assert.Empty(view.Pins);
    }

    [Fact]
    public async Task Leave_IsPassedOnToTheNode_WhichTellsWhichHistoryGoes()
    {
        _cluster["node2"].Storage.Append(batch =>
        {
            batch.TimestampMs = ReadCluster.Now.ToUnixTimeMilliseconds();
            batch.AddNew(Labels.Of(("__name__", "m")), 1);
        });

        var (status, body) = await OrderAsync(HttpMethod.Post, "members/node2/leave?keep-serving=true");

        Assert.Equal(200, status);
        Assert.Equal([("node2", new LeaveCluster(KeepServing: true))], _left);
        Assert.Contains("node2 has handed over all it had. It stays readable: its 1 series from 2024-10-04T00:00:00Z to 2024-10-04T00:00:00Z are answered until it is stopped.", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leave_WithoutKeepingToServe_EndsTheNodeAfterItsAnswer()
    {
        Assert.Equal(200, (await OrderAsync(HttpMethod.Post, "members/node2/leave")).Status);
        Assert.False(_cluster["node2"].Stopping.IsCancellationRequested);

        ((ManualTimeProvider)_cluster["node2"].Context.Time).Advance(TimeSpan.FromSeconds(1));

        await Task.Run(_cluster["node2"].Stopping.WaitHandle.WaitOne, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.False(_cluster["node1"].Stopping.IsCancellationRequested);
    }

    [Fact]
    public async Task AdminTokenFile_TakesThePlaceOfTheSecret_AndMayBeReplaced()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var node = await EndpointFixture.StartAsync(ReadCluster.Now, Labels.Empty, arrange: context => context with
            {
                Settings = context.Settings with { Web = context.Settings.Web with { AdminTokenFile = file } },
                AdminToken = AdminToken.FromSecret(Encoding.UTF8.GetBytes(ReadCluster.Secret)),
            });
            foreach (var (content, shown, expected) in ((string, string, HttpStatusCode)[])
                [("one\n", "Bearer one", HttpStatusCode.ServiceUnavailable), ("two\n", "Bearer one", HttpStatusCode.Unauthorized), ("two\n", Bearer, HttpStatusCode.Unauthorized), ("", "Bearer ", HttpStatusCode.Forbidden)])
            {
                await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
                using var response = await node.SendAsync(HttpMethod.Post, "/api/cluster/v1/members/node1/down", shown);
                Assert.Equal(expected, response.StatusCode);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Status_BeforeTheNodeIsReady_IsToldAllTheSame()
    {
        _cluster["node1"].Readiness.IsServing = false;

        Assert.False((await DataAsync("node1", "status")).GetProperty("isReady").GetBoolean());
        Assert.Equal(503, (await _cluster["node1"].GetAsync("/api/cluster/v1/shards")).Status);
    }

    [Fact]
    public async Task Leave_NodeThatCannotBeReached_IsOrderedThroughTheStore()
    {
        _cluster.Faults["node2"] = (_, _) => throw new PeerUnavailableException("nobody listens", isRefused: true);

        var (status, body) = await OrderAsync(HttpMethod.Post, "members/node2/leave");

        Assert.Equal(200, status);
        Assert.Contains("\"slotsLeftBehind\":-1", body, StringComparison.Ordinal);
        Assert.Equal(MemberState.Leaving, (await _cluster.Store.ReadAsync(0, default)).Members.Single(member => member.Node == "node2").State);
    }

    [Fact]
    public async Task Plan_CarriesWhatIsOnItsWay_WhatWaits_AndWhatIsInQuarantine()
    {
        var move = new SlotMove(new SlotKey(new BucketKey("job", 1), 0), "node1", "node2", MoveReason.Leaving, 7);
        _cluster.Board("node1").Publish(new LeaderPicture(
            new Dictionary<string, MemberSigns>(), null, new Dictionary<BucketKey, double>(), [move], 4, new Dictionary<BucketKey, string> { [new BucketKey("big", 0)] = "quarantined: a and b died" }));

        var plan = await DataAsync("node2", "plan");

        var inFlight = Assert.Single(plan.GetProperty("inFlight").EnumerateArray());
        Assert.Equal(("job", 1, "node1", "node2", "leaving"), (Text(inFlight, "job"), inFlight.GetProperty("bucket").GetInt32(), Text(inFlight, "from"), Text(inFlight, "to"), Text(inFlight, "reason")));
        Assert.Equal(4, plan.GetProperty("waiting").GetInt32());
        var quarantined = Assert.Single(plan.GetProperty("quarantined").EnumerateArray());
        Assert.Equal(("big", "quarantined: a and b died"), (Text(quarantined, "job"), Text(quarantined, "reason")));
    }

    [Fact]
    public async Task Release_IsPassedOnToTheLeader_WhoSaysWhoGetsIt()
    {
        var (status, body) = await OrderAsync(HttpMethod.Post, "shards/release?job=a+job&bucket=7", "node2");

        Assert.Equal(200, status);
        Assert.Contains("a job/7 is out of quarantine and goes to node1; should that die of it, it is in quarantine again at once", body, StringComparison.Ordinal);
        Assert.Equal(404, (await OrderAsync(HttpMethod.Post, "shards/release?job=job&bucket=0")).Status);
        Assert.Equal(400, (await OrderAsync(HttpMethod.Post, "shards/release?job=job")).Status);
    }

    [Fact]
    public async Task TargetSets_AreTheLeaders_WhoeverIsAsked_WithoutPasswords()
    {
        var group = new TargetGroup("file.yml:0", [Labels.Of(("__address__", "x:80")), Labels.Of(("__address__", "http://me:secret@y:80"))], Labels.Of(("zone", "z")));
        _cluster["node1"].Context.Board.Publish([new JobSnapshot("j", [group], 2, [], 0, [], null)]);

        var groups = (await DataAsync("node2", "target_sets")).GetProperty("j");

        Assert.Equal("""[{"targets":["x:80","http://me:xxxxx@y:80"],"labels":{"zone":"z"},"source":"file.yml:0"}]""", groups.GetRawText());
    }

    [Fact]
    public async Task Page_SaysWhichNodeItSpeaksOf_AndShowsItsTargetsAlsoWhereNoManagerRuns()
    {
        _cluster["node1"].Context.Board.Publish([new JobSnapshot("job", [], 2, [], 4, [], null)]);
        _cluster.Scrapes("node2", "job", 1, ReadCluster.Now);

        var page = await (await _cluster["node2"].SendAsync(HttpMethod.Get, "/", null)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains("Node <b>node2</b> of cluster <b>test</b>, led by node1. Counts and targets below are those of this node alone, which has 1 of 3 slots;", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"http://node1:9095\" rel=\"noreferrer\">node1</a>", page, StringComparison.Ordinal);
        Assert.Contains("<h2>job <small>1/1 up, 4 dropped", page, StringComparison.Ordinal);
        _cluster.Faults["node1"] = (_, _) => throw new PeerUnavailableException("nobody listens", isRefused: true);
        page = await (await _cluster["node2"].SendAsync(HttpMethod.Get, "/", null)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("<h2>job <small>1/1 up</small>", page, StringComparison.Ordinal);
        Assert.Contains("node1 does not answer: nobody listens", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_AreNewestFirst_AndCanBeFollowed()
    {
        for (var i = 1; i <= 3; i++)
        {
            await _cluster.Store.NoteAsync(new ClusterEvent(0, ReadCluster.Now, "move", $"job/{i}", "balance", "node1", 3), default);
        }

        var all = (await DataAsync("node1", "events?limit=2")).GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(["job/3", "job/2"], all.Select(e => Text(e, "subject")));
        Assert.Equal(["job/3"], (await DataAsync("node1", $"events?after={all[1].GetProperty("id").GetInt64()}")).GetProperty("events").EnumerateArray().Select(e => Text(e, "subject")));
        Assert.Equal(400, (await ErrorAsync(HttpMethod.Get, "events?limit=0")).Status);
    }

    private static PlacementPlan Plan(string from)
    {
        return new PlacementPlan([new SlotMove(new SlotKey(new BucketKey("job", 0), 0), from, "node2", MoveReason.Balance, 10)], [], new Dictionary<string, double> { ["node1"] = 5 }, 5);
    }

    private static Assignment Row(string job, int bucket, string owner)
    {
        return new Assignment(new SlotKey(new BucketKey(job, bucket), 0), 2, owner, "", ReadCluster.Now.AddHours(-1), 3, 1, "balance");
    }

    private async Task StoreTargetAsync(string job, string instance, ulong hash)
    {
        var target = new ScrapeTarget
        {
            Labels = Labels.Of(("instance", instance), ("job", job)),
            AllLabels = Labels.Of(("instance", instance), ("job", job)),
            DiscoveredLabels = Labels.Of(("__address__", instance)),
            Url = $"http://{instance}/metrics",
            Interval = TimeSpan.FromSeconds(10),
            Timeout = TimeSpan.FromSeconds(10),
            Hash = hash,
        };
        var encoded = TargetSetCodec.Encode(new TargetSet([target], null));
        using var lifeline = _cluster.Store.OpenLifeline();
        var incarnation = lifeline.Join(new JoinRequest("leader", "leader", "", "", "", 0, 1, "", TimeSpan.FromSeconds(3))).Incarnation!.Value;
        var epoch = lifeline.Hold(Roles.Leader, "leader", incarnation, TimeSpan.FromSeconds(5)).Lease.Epoch;
        var commit = new LeaderCommit(epoch, 0) { TargetSets = [new StoredTargetSet(new BucketRef(new BucketKey(job, 0), 1), 0, encoded.Checksum, encoded.Packed)] };
        Assert.Equal(CommitOutcome.Committed, (await _cluster.Store.CommitAsync(commit, default)).Outcome);
    }

    private async Task<JsonElement> DataAsync(string node, string path)
    {
        var (status, body) = await _cluster[node].GetAsync($"/api/cluster/v1/{path}");
        Assert.True(status == 200, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("data");
    }

    private async Task<(int Status, string Error)> ErrorAsync(HttpMethod method, string path)
    {
        using var response = await _cluster["node1"].SendAsync(method, $"/api/cluster/v1/{path}", Bearer);
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return ((int)response.StatusCode, body.RootElement.GetProperty("error").GetString()!);
    }

    private async Task<(int Status, string Body)> OrderAsync(HttpMethod method, string path, string node = "node1")
    {
        using var response = await _cluster[node].SendAsync(method, $"/api/cluster/v1/{path}", Bearer);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
