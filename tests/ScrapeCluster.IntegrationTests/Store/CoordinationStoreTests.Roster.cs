using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.IntegrationTests.Store;

/// <summary>Reading by change: rows after a version, members after a roster version.</summary>
public abstract partial class CoordinationStoreTests
{
    [Fact]
    public async Task Read_AfterAVersion_GivesWhatIsNewer()
    {
        using var life = Store.OpenLifeline();
        Lead(life, "a");
        await Store.CommitAsync(Decision(1, 0), Token);
        await Store.CommitAsync(new LeaderCommit(1, 1) { Assignments = [Row(new SlotKey(new BucketKey("other", 0), 1))] }, Token);

        Assert.Equal(2, (await Store.ReadAsync(0, Token)).Changed.Count);
        Assert.Equal("other", Assert.Single((await Store.ReadAsync(1, Token)).Changed).Slot.Bucket.Job);
        Assert.Empty((await Store.ReadAsync(2, Token)).Changed);
        Assert.Equal(2, (await Store.ReadAsync(2, Token)).AssignmentVersion);
    }

    [Fact]
    public async Task Roster_EachChangeRaisesItsVersion_AndHeartbeatsTellIt()
    {
        using var life = Store.OpenLifeline();
        var a = Lead(life, "a");
        var b = Join(life, "b");
        var version = (await Store.ReadAsync(0, Token)).RosterVersion;

        await ChangesAsync("b", () => Store.SetOwnStateAsync("b", b, MemberState.Up, Token));
        await ChangesAsync("a", () => Store.CommitAsync(new LeaderCommit(1, 0) { Members = [new MemberChange("a", a, MemberState.Up)] }, Token));
        await ChangesAsync("b", () => Store.OrderAsync(new OperatorOrder(OrderKind.Cordon, "b"), Token));
        await ChangesAsync("b", () => Store.OrderAsync(new OperatorOrder(OrderKind.Uncordon, "b"), Token));
        await ChangesAsync("b", () => Store.OrderAsync(new OperatorOrder(OrderKind.Leave, "b"), Token));
        await ChangesAsync("b", () => Store.OrderAsync(new OperatorOrder(OrderKind.Down, "b"), Token));
        await ChangesAsync("b", () => Task.FromResult(Join(life, "b")));
        await ChangesAsync("", () => Store.OrderAsync(new OperatorOrder(OrderKind.Pin, "a", Bucket), Token));
        await ChangesAsync("", () => Store.OrderAsync(new OperatorOrder(OrderKind.Unpin, "a", Bucket), Token));

        async Task ChangesAsync(string node, Func<Task> change)
        {
            var pins = (await Store.ReadAsync(0, Token)).Pins.Count;
            await change();
            var told = Beat(life, "a", a).RosterVersion;
            Assert.True(told > version, $"{node}: {told} after {version}");
            var view = await Store.ReadAsync(new ReadAfter(0, version), Token);
            Assert.Equal(told, view.RosterVersion);
            Assert.Equal(node.Length > 0 ? [node] : [], view.Members.Select(member => member.Node));
            Assert.Equal(node.Length > 0, view.Pins.Count == pins);
            version = told;
        }
    }

    [Fact]
    public async Task Roster_HeartbeatsAndWhatIsRefused_LeaveItsVersion()
    {
        using var life = Store.OpenLifeline();
        var a = Lead(life, "a");
        await Store.OrderAsync(new OperatorOrder(OrderKind.Pin, "a", Bucket), Token);
        var version = Beat(life, "a", a).RosterVersion;
        life.Beat(new Heartbeat("a", a, 12.5, 7, 3, 2, "hash", 9));
        Assert.False(await Store.SetOwnStateAsync("a", a - 1, MemberState.Up, Token));
        Assert.Null(life.Join(Request("a") with { DataId = "other" }).Incarnation);
        await Store.CommitAsync(Decision(1, 0), Token);

        var view = await Store.ReadAsync(new ReadAfter(0, version), Token);
        Assert.Equal((version, 0, 0, 1), (view.RosterVersion, view.Members.Count, view.Pins.Count, view.Changed.Count));
        Assert.Equal((1, 1), ((await Store.ReadAsync(0, Token)).Members.Count, (await Store.ReadAsync(0, Token)).Pins.Count));
    }

    /// <summary>Whoever reads by change while others write ends with what is there: no version is seen before the ones below it.</summary>
    [Fact]
    public async Task Roster_ReadByChangeBesideWriters_MissesNothing()
    {
        var nodes = Enumerable.Range(0, 4).Select(number => $"n{number}").ToList();
        var writers = Task.WhenAll(nodes.Select(node => Task.Run(() => WriteRosterAsync(node))));
        var (known, version) = (new Dictionary<string, Member>(), 0L);
        for (var isLast = false; !isLast;)
        {
            isLast = writers.IsCompleted;
            var view = await Store.ReadAsync(new ReadAfter(0, version), Token);
            Assert.True(view.RosterVersion >= version);
            version = view.RosterVersion;
            foreach (var member in view.Members)
            {
                known[member.Node] = member;
            }
        }

        await writers;
        Assert.Equal((await Store.ReadAsync(0, Token)).Members.Select(Essence), known.Values.OrderBy(member => member.Node).Select(Essence));

        static (string, long, MemberState, bool) Essence(Member member) => (member.Node, member.Incarnation, member.State, member.IsCordoned);
    }
}
