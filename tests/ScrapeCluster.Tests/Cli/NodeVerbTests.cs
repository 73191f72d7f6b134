using System.Net;
using System.Net.Sockets;
using ScrapeCluster.Cli;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;
using ScrapeCluster.Tests.Configuration.Prometheus;
using ScrapeCluster.Tests.Node.Reads;

namespace ScrapeCluster.Tests.Cli;

/// <summary>The verbs that ask a node, whole: command line in, text and exit code out, over HTTP to real endpoints.</summary>
public sealed class NodeVerbTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private ReadCluster _cluster = null!;
    private HasLeft _hasLeft = new(0);

    public async ValueTask InitializeAsync()
    {
        _cluster = await ReadCluster.StartAsync(["node1", "node2"], arrange: access => access with
        {
            Plan = _ => Task.FromResult(new PlacementPlan(
                [new SlotMove(new SlotKey(new BucketKey("job", 1), 0), "node2", "node1", MoveReason.Balance, 12.34)],
                [new UnplacedSlot(new SlotKey(new BucketKey("big", 0), 0), "no node has room")],
                new Dictionary<string, double> { ["node1"] = 100, ["node2"] = 96 },
                98)),
            Leave = (_, _) => Task.FromResult(_hasLeft),
        });
        _cluster.Publish(
            [ReadCluster.MemberOf("node1"), ReadCluster.MemberOf("node2") with { IsCordoned = true, Zone = "b" }],
            new Assignment(new SlotKey(new BucketKey("job", 0), 0), 2, "node1", "", ReadCluster.Now.AddHours(-1), 3, 1, "new"),
            new Assignment(new SlotKey(new BucketKey("job", 1), 0), 2, "node2", "node1", ReadCluster.Now.AddHours(-1), 3, 2, "balance"));
        _cluster.Scrapes("node2", "job", 1, ReadCluster.Now, "connection \u001b[31mrefused");
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return _cluster.DisposeAsync();
    }

    [Fact]
    public void ClusterShow_IsATable() => Expect(
        """
        NODE   STATE        LEADER  SLOTS  SAMPLES/S  SEEN-AGO  VERSION
        node1  up           leader      1        100      0.3s  0.1.0
        node2  up,cordoned  -           1        100      0.3s  0.1.0

        """, "cluster", "show");

    [Fact]
    public void ClusterShow_Wide_HasMoreColumns()
    {
        var (exitCode, output, _) = Run("cluster", "show", "-o", "wide");

        Assert.Equal(0, exitCode);
        Assert.Contains("node2:9096  http://node2:9095", output, StringComparison.Ordinal);
    }

    [Fact]
    public void ClusterLeader_IsARow() => Expect(
        """
        LEADER  EPOCH  LEASE  API-AT
        node1       3  held   http://node1:9095

        """, "cluster", "leader");

    [Fact]
    public void ClusterLeader_AsJson_IsTheDataOfTheApi() => Expect(
        """
        {
          "node": "node1",
          "epoch": 3,
          "isExpired": false,
          "apiAddress": "http://node1:9095"
        }

        """, "cluster", "leader", "-o", "json");

    [Fact]
    public void ShardList_IsATable() => Expect(
        """
        JOB  BUCKET  SLOT  OWNER  TARGETS  DOWN  SAMPLES/S  SINCE                     REASON
        job     0/2     0  node1        -     -          -  2024-10-03T23:00:00.000Z  new
        job     1/2     0  node2        1     1          5  2024-10-03T23:00:00.000Z  balance

        """, "shard", "list", "--job", "job");

    [Fact]
    public void ShardWhy_TellsTheStory_AndKeepsTheTerminalClean() => Expect(
        """
        target       http://x:80/metrics
        verdict      scraped: scraped by node2, by balance since 2024-10-03T23:00:00Z; the last scrape failed: connection  [31mrefused
        job          job
        labels       {instance="x:80", job="job"}
        hash         0000000000000001
        shard        bucket 1 of 2, slot 0
        owner        node2
        since        2024-10-03T23:00:00.000Z
        reason       balance
        health       down
        last-scrape  2024-10-04T00:00:00.000Z
        next-scrape  2024-10-04T00:00:10.000Z
        last-error   connection  [31mrefused

        """, "shard", "why", "x:80");

    [Fact]
    public void ShardPlan_TellsMovesAndLoads() => Expect(
        """
        1 slot would move:
        JOB  BUCKET  SLOT  FROM   TO     SAMPLES/S  REASON
        job       1     0  node2  node1       12.3  balance

        Not placed:
        JOB  BUCKET  SLOT  REASON
        big       0     0  no node has room

        NODE   SAMPLES/S
        node1        100
        node2         96
        average 98, max/average 1.020

        """, "shard", "plan");

    [Fact]
    public void ShardWhy_NobodyKnowsIt_IsExitCodeThree()
    {
        var (exitCode, output, error) = Run("shard", "why", "nobody:80");

        Assert.Equal((3, ""), (exitCode, output));
        Assert.StartsWith("error: no job's discovery has found a target that fits nobody:80", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Orders_WithoutASecret_AreExitCodeOneAndSayWhatHelps()
    {
        var (exitCode, _, error) = Run("cluster", "cordon", "node2");

        Assert.Equal(1, exitCode);
        Assert.Contains("--secret-file", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Leave_WithTheSecretsFile_LeavesTheAskedNode()
    {
        var (exitCode, output, _) = Run("cluster", "leave", "--secret-file", SecretFile());

        Assert.Equal((0, "node1 has handed over all it had. It has no samples of its own.\n"), (exitCode, output));
    }

    [Fact]
    public void Leave_SlotsLeftBehind_IsExitCodeOne()
    {
        _hasLeft = new HasLeft(2);

        var (exitCode, output, _) = Run("cluster", "leave", "--node", "node2", "--secret-file", SecretFile());

        Assert.Equal(1, exitCode);
        Assert.Contains("2 slots that nobody took in time", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_AreOldestFirst()
    {
        await _cluster.Store.NoteAsync(new ClusterEvent(0, ReadCluster.Now, "join", "node1", "first", "node1", 3), TestContext.Current.CancellationToken);
        await _cluster.Store.NoteAsync(new ClusterEvent(0, ReadCluster.Now, "leader", "node1", "epoch 3", "node1", 3), TestContext.Current.CancellationToken);

        Expect(
            """
            2024-10-04T00:00:00.000Z  join        node1  first
            2024-10-04T00:00:00.000Z  leader      node1  epoch 3

            """, "cluster", "events");
    }

    [Fact]
    public void PartialAnswer_WarnsOnStandardError()
    {
        _cluster.Faults["node2"] = (_, _) => throw new ScrapeCluster.Cluster.Peers.PeerUnavailableException("nobody listens", isRefused: true);

        var (exitCode, _, error) = Run("shard", "list");

        Assert.Equal((0, "warning: node node2 is missing in this answer: nobody listens\n"), (exitCode, error));
    }

    [Fact]
    public void ActorInspect_NoSuchActor_IsExitCodeThree() => Assert.Equal(3, Run("actor", "inspect", "/user/nobody").ExitCode);

    [Theory]
    [InlineData("cluster")]
    [InlineData("cluster", "down")]
    [InlineData("shard", "why")]
    [InlineData("shard", "pin", "job", "x", "node1")]
    [InlineData("actor", "hierarchy", "--all", "--node", "node1")]
    [InlineData("cluster", "show", "-o", "xml")]
    [InlineData("cluster", "show", "--url", "ftp://x")]
    [InlineData("cluster", "leave", "--secret-file", "/nowhere/at/all")]
    public void WrongUsage_IsExitCodeTwo(params string[] args) => Assert.Equal(2, Run(args).ExitCode);

    [Fact]
    public void NobodyListens_IsExitCodeFour()
    {
        // Bound, so that nobody else gets the port meanwhile, and not listening.
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = $"http://{socket.LocalEndPoint}";

        var (exitCode, _, error) = RunAt(url, "cluster", "show");

        Assert.Equal(4, exitCode);
        Assert.StartsWith($"error: no node answers at {url}/ (", error, StringComparison.Ordinal);
    }

    private string SecretFile() => _directory.Write("secret", ReadCluster.Secret + "\n");

    private void Expect(string output, params string[] args) => Assert.Equal((0, output, ""), Run(args));

    private (int ExitCode, string Output, string Error) Run(params string[] args) => RunAt(_cluster["node1"].Url, args);

    private static (int ExitCode, string Output, string Error) RunAt(string url, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = CommandTree.Run(args.Contains("--url") ? args : [.. args, "--url", url], Stream.Null, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
