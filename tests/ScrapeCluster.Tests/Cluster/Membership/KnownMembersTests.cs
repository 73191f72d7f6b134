using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Model;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Cluster.Membership;

public sealed class KnownMembersTests
{
    private readonly InProcessStore _store = new(new ManualTimeProvider());
    private readonly KnownMembers _known = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ReadByChange_IsWhatAWholeReadGives(int seed)
    {
        var random = new Random(seed);
        using var life = _store.OpenLifeline();
        for (var step = 0; step < 500; step++)
        {
            await ChangeAsync(random, life);
            if (random.Next(3) == 0)
            {
                var view = await ReadAsync(_store);
                Assert.Equal(view.Members, _known.Members);
                Assert.Equal(view.Pins, _known.Pins);
                Assert.Equal(view.RosterVersion, _known.Version);
            }
        }
    }

    [Fact]
    public async Task StoreThatWentBack_IsReadWhole()
    {
        Join(_store, "a", "b", "c");
        await ReadAsync(_store);
        var restored = new InProcessStore(new ManualTimeProvider());
        Join(restored, "b");
        await ReadAsync(restored);

        Assert.Null(_known.Version);
        Assert.Equal(3, _known.Members.Count);
        await ReadAsync(restored);
        Assert.Equal("b", Assert.Single(_known.Members).Node);
    }

    private async Task<ClusterView> ReadAsync(InProcessStore store)
    {
        var after = _known.Version;
        _known.Accept(await store.ReadAsync(new ReadAfter(0, after), Token), after);
        return await store.ReadAsync(0, Token);
    }

    private static void Join(InProcessStore store, params string[] nodes)
    {
        using var life = store.OpenLifeline();
        foreach (var node in nodes)
        {
            life.Join(new JoinRequest(node, node, "", "", "", 0, 1, "", TimeSpan.FromMinutes(1)));
        }
    }

    private async Task ChangeAsync(Random random, ILifeline life)
    {
        var node = $"n{random.Next(8)}";
        var incarnation = (await _store.ReadAsync(0, Token)).Members.FirstOrDefault(member => member.Node == node)?.Incarnation ?? 0;
        switch (random.Next(5))
        {
            case 0:
                Join(_store, node);
                break;
            case 1:
                await _store.SetOwnStateAsync(node, incarnation, (MemberState)random.Next(4), Token);
                break;
            case 2:
                await _store.OrderAsync(new OperatorOrder((OrderKind)random.Next(4), node), Token);
                break;
            case 3:
                await _store.OrderAsync(new OperatorOrder(random.Next(2) == 0 ? OrderKind.Pin : OrderKind.Unpin, node, new BucketKey("job", random.Next(4))), Token);
                break;
            default:
                Assert.Equal(_store.ReadAsync(0, Token).Result.RosterVersion, life.Beat(new Heartbeat(node, incarnation, 0, 0, 0, 0, "", 0)).RosterVersion);
                break;
        }
    }
}
