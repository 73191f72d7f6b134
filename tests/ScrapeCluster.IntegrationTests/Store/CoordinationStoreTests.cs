using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.IntegrationTests.Store;

/// <summary>What every store must do; each implementation runs all of it.</summary>
public abstract partial class CoordinationStoreTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    private static readonly BucketKey Bucket = new("job", 3);

    protected abstract ICoordinationStore Store { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Lets the store's clock pass so much time.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    [Fact]
    public void Join_Again_SupersedesTheIncarnationBefore()
    {
        using var life = Store.OpenLifeline();
        var first = Join(life, "a");
        var second = Join(life, "a");

        Assert.True(second > first);
        Assert.False(Beat(life, "a", first).IsAccepted);
        Assert.Equal(MemberState.Down, Beat(life, "a", first).State);
        Assert.True(Beat(life, "a", second).IsAccepted);
    }

    [Fact]
    public async Task Join_SameNameOtherDirectory_IsRefusedWhileTheFirstLives()
    {
        using var life = Store.OpenLifeline();
        var first = Join(life, "a");
        var refused = life.Join(Request("a") with { DataId = "other" });

        Assert.Null(refused.Incarnation);
        Assert.Contains("a:1", refused.Refusal);
        Assert.Contains("cluster.node-name", refused.Refusal);
        Assert.True(Beat(life, "a", first).IsAccepted);
        await PassAsync(Short);
        Assert.NotNull(life.Join(Request("a") with { DataId = "other", AliveWithin = Short }).Incarnation);
        Assert.False(Beat(life, "a", first).IsAccepted);
    }

    [Fact]
    public async Task Join_SameNameOtherDirectory_IsFreeOnceTheFirstIsDown()
    {
        using var life = Store.OpenLifeline();
        Join(life, "a");
        Assert.True(await Store.OrderAsync(new OperatorOrder(OrderKind.Down, "a"), Token));

        Assert.NotNull(life.Join(Request("a") with { DataId = "other" }).Incarnation);
    }

    [Fact]
    public async Task Beat_IsSeenByAll()
    {
        using var life = Store.OpenLifeline();
        var incarnation = Join(life, "a");
        var answer = life.Beat(new Heartbeat("a", incarnation, 12.5, 7, 3, 2, "hash", 9));

        Assert.True(answer.IsAccepted);
        var member = Assert.Single((await Store.ReadAsync(0, Token)).Members);
        Assert.Equal(("a", incarnation, 12.5, 7L, 3L, 2L, "hash", 9L), (member.Node, member.Incarnation, member.Load, member.Progress, member.AppliedAssignments, member.AppliedConfig, member.ConfigHash, member.HighestEpoch));
        Assert.Equal(("dir", "a:1", "a:2", "zone", 100.0, 1, "1.0"), (member.DataId, member.Address, member.ApiAddress, member.Zone, member.Capacity, member.Protocol, member.Version));
        Assert.InRange(member.SeenAgo, TimeSpan.Zero, Long);
    }

    [Fact]
    public async Task Beat_OfADownMember_IsRefused()
    {
        using var life = Store.OpenLifeline();
        var incarnation = Join(life, "a");
        await Store.SetOwnStateAsync("a", incarnation, MemberState.Down, Token);

        Assert.False(Beat(life, "a", incarnation).IsAccepted);
        Assert.False(await Store.SetOwnStateAsync("a", incarnation, MemberState.Up, Token));
    }

    [Fact]
    public void Beat_TellsWhichIncarnationIsKnown()
    {
        using var life = Store.OpenLifeline();
        var first = Join(life, "a");
        var second = Join(life, "a");

        Assert.Equal(second, Beat(life, "a", first).StoredIncarnation);
        Assert.Equal(second, Beat(life, "a", second).StoredIncarnation);
        Assert.Equal(0, Beat(life, "nobody", 7).StoredIncarnation);
    }

    [Fact]
    public async Task Config_IsPublishedOnTheNewestOnly()
    {
        Assert.Null(await Store.ReadConfigAsync(0, Token));
        Assert.Equal(1, await Store.PublishConfigAsync(0, [1], "a", Token));
        Assert.Null(await Store.PublishConfigAsync(0, [2], "b", Token));
        Assert.Equal(2, await Store.PublishConfigAsync(1, [3], "b", Token));

        var newest = await Store.ReadConfigAsync(1, Token);
        Assert.Equal((2L, "b"), (newest!.Version, newest.PublishedBy));
        Assert.Equal([3], newest.Payload);
        Assert.Null(await Store.ReadConfigAsync(2, Token));
        Assert.Equal(2, (await Store.ReadAsync(0, Token)).ConfigVersion);
    }

    [Fact]
    public async Task Orders_AreKept()
    {
        using var life = Store.OpenLifeline();
        var a = Join(life, "a");
        Assert.False(await Store.OrderAsync(new OperatorOrder(OrderKind.Cordon, "nobody"), Token));
        Assert.True(await Store.OrderAsync(new OperatorOrder(OrderKind.Cordon, "a"), Token));
        Assert.True(await Store.OrderAsync(new OperatorOrder(OrderKind.Pin, "a", Bucket), Token));
        Assert.True(await Store.OrderAsync(new OperatorOrder(OrderKind.Leave, "a"), Token));

        var view = await Store.ReadAsync(0, Token);
        Assert.Equal(new Pin(Bucket, "a"), Assert.Single(view.Pins));
        Assert.Equal((true, MemberState.Leaving), (view.Members[0].IsCordoned, view.Members[0].State));
        Assert.Equal(MemberState.Leaving, Beat(life, "a", a).State);
        Assert.True(await Store.OrderAsync(new OperatorOrder(OrderKind.Unpin, "a", Bucket), Token));
        Assert.False(await Store.OrderAsync(new OperatorOrder(OrderKind.Unpin, "a", Bucket), Token));
        Join(life, "a");
        view = await Store.ReadAsync(0, Token);
        Assert.Empty(view.Pins);
        Assert.True(view.Members[0].IsCordoned, "a cordon outlives a restart");
    }

    [Fact]
    public async Task Events_AreNewestFirstAndLimited()
    {
        for (var i = 1; i <= 5; i++)
        {
            await Store.NoteAsync(new ClusterEvent(0, default, "note", $"{i}", "", "a", 0), Token);
        }

        var events = await Store.ReadEventsAsync(0, 3, Token);
        Assert.Equal(["5", "4", "3"], events.Select(noted => noted.Subject));
        Assert.Equal(["5"], (await Store.ReadEventsAsync(events[1].Id, 10, Token)).Select(noted => noted.Subject));
    }

    protected static JoinRequest Request(string node) => new(node, "dir", $"{node}:1", $"{node}:2", "zone", 100, 1, "1.0", Long);

    protected static long Join(ILifeline life, string node) => life.Join(Request(node)).Incarnation!.Value;

    private static long Lead(ILifeline life, string node)
    {
        var incarnation = Join(life, node);
        Assert.True(life.Hold(Roles.Leader, node, incarnation, Long).IsHeld);
        return incarnation;
    }

    private static HeartbeatAnswer Beat(ILifeline life, string node, long incarnation) => life.Beat(new Heartbeat(node, incarnation, 0, 0, 0, 0, "", 0));

    private static (bool, long) Held(LeaseAnswer answer) => (answer.IsHeld, answer.Lease.Epoch);

    private static Assignment Row(SlotKey slot) => new(slot, 8, "a", "", DateTimeOffset.UnixEpoch.AddSeconds(5), 0, 0, "new");

    private static LeaderCommit Decision(long epoch, long version) => new(epoch, version)
    {
        Assignments = [Row(new SlotKey(Bucket, 0))],
        TargetSets = [new StoredTargetSet(new BucketRef(Bucket, 8), 4, ulong.MaxValue, [1, 2, 3])],
        Events = [new ClusterEvent(0, default, "move", "job/3", "to a", "a", epoch)],
    };

    private async Task WriteRosterAsync(string node)
    {
        using var life = Store.OpenLifeline();
        for (var round = 0; round < 30; round++)
        {
            var incarnation = Join(life, node);
            Beat(life, node, incarnation);
            await Store.OrderAsync(new OperatorOrder(round % 2 == 0 ? OrderKind.Cordon : OrderKind.Uncordon, node), Token);
            await Store.SetOwnStateAsync(node, incarnation, (MemberState)(round % 4), Token);
        }
    }

    private async Task FightAsync(string node, long incarnation, Barrier together)
    {
        using var life = Store.OpenLifeline();
        var held = life.Hold(Roles.Leader, node, incarnation, Long);
        for (var i = 0; i < 100; i++)
        {
            if (i % 20 == 0)
            {
                // Neither may be through before the other has begun.
                together.SignalAndWait(Token);
            }

            if (!held.IsHeld)
            {
                held = life.Hold(Roles.Leader, node, incarnation, Long, earlyFromEpoch: held.Lease.Epoch);
            }

            var version = (await Store.ReadAsync(long.MaxValue, Token)).AssignmentVersion;
            var result = await Store.CommitAsync(Decision(held.Lease.Epoch, version), Token);
            if (result.Outcome == CommitOutcome.Fenced)
            {
                held = new LeaseAnswer(false, life.Beat(new Heartbeat(node, incarnation, 0, 0, 0, 0, "", 0)).Lease);
            }
        }
    }
}
