using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.IntegrationTests.Store;

/// <summary>Leases and their epochs.</summary>
public abstract partial class CoordinationStoreTests
{
    [Fact]
    public void Lease_IsHeldByOneAndRenewedUnderItsEpoch()
    {
        using var life = Store.OpenLifeline();
        var (a, b) = (Join(life, "a"), Join(life, "b"));
        var taken = life.Hold(Roles.Leader, "a", a, Long);
        var renewed = life.Hold(Roles.Leader, "a", a, Long);
        var refused = life.Hold(Roles.Leader, "b", b, Long);

        Assert.True(taken.IsHeld);
        Assert.Equal(1, taken.Lease.Epoch);
        Assert.Equal((true, 1L), (renewed.IsHeld, renewed.Lease.Epoch));
        Assert.Equal((false, "a", 1L, false), (refused.IsHeld, refused.Lease.Holder, refused.Lease.Epoch, refused.Lease.IsExpired));
        Assert.Equal("a", Beat(life, "b", b).Lease.Holder);
    }

    [Fact]
    public async Task Lease_Expired_IsTakenUnderTheNextEpoch()
    {
        using var life = Store.OpenLifeline();
        var (a, b) = (Join(life, "a"), Join(life, "b"));
        life.Hold(Roles.Leader, "a", a, Short);
        await PassAsync(Short);

        Assert.True(Beat(life, "b", b).Lease.IsExpired);
        Assert.Equal((true, 2L), Held(life.Hold(Roles.Leader, "b", b, Long)));
        Assert.Equal((false, 2L), Held(life.Hold(Roles.Leader, "a", a, Long)));
    }

    [Fact]
    public async Task Lease_BeatSaysWhenItEnds()
    {
        using var life = Store.OpenLifeline();
        var (a, b) = (Join(life, "a"), Join(life, "b"));
        Assert.Null(Beat(life, "b", b).LeaseEndsIn);
        life.Hold(Roles.Leader, "a", a, Long);
        Assert.InRange(Beat(life, "b", b).LeaseEndsIn!.Value, Long / 2, Long);
        life.Resign(Roles.Leader, "a", a, epoch: 1);
        Assert.Null(Beat(life, "b", b).LeaseEndsIn);

        life.Hold(Roles.Leader, "a", a, Short);
        await PassAsync(Short);
        Assert.True(Beat(life, "b", b).LeaseEndsIn <= TimeSpan.Zero);
    }

    [Fact]
    public async Task Lease_ExpiredAndHeldAgainByTheSame_HasTheNextEpoch()
    {
        using var life = Store.OpenLifeline();
        var a = Join(life, "a");
        life.Hold(Roles.Leader, "a", a, Short);
        await PassAsync(Short);

        Assert.Equal((true, 2L), Held(life.Hold(Roles.Leader, "a", a, Long)));
    }

    [Fact]
    public void Lease_OfAHolderKnownToBeDead_IsTakenEarlyOnlyFromItsEpoch()
    {
        using var life = Store.OpenLifeline();
        var (a, b) = (Join(life, "a"), Join(life, "b"));
        life.Hold(Roles.Leader, "a", a, Long);

        Assert.Equal((false, 1L), Held(life.Hold(Roles.Leader, "b", b, Long, earlyFromEpoch: 0)));
        Assert.Equal((true, 2L), Held(life.Hold(Roles.Leader, "b", b, Long, earlyFromEpoch: 1)));
        Assert.Equal((false, 2L), Held(life.Hold(Roles.Leader, "a", a, Long, earlyFromEpoch: 1)));
    }

    [Fact]
    public void Lease_Resigned_IsFreeAtOnce()
    {
        using var life = Store.OpenLifeline();
        var (a, b) = (Join(life, "a"), Join(life, "b"));
        life.Hold(Roles.Leader, "a", a, Long);
        life.Resign(Roles.Leader, "a", a, epoch: 7);
        Assert.False(life.Hold(Roles.Leader, "b", b, Long).IsHeld);
        life.Resign(Roles.Leader, "a", a, epoch: 1);

        Assert.Equal((true, 2L), Held(life.Hold(Roles.Leader, "b", b, Long)));
    }

    [Fact]
    public void Lease_OfAnOlderIncarnation_IsNotOurs()
    {
        using var life = Store.OpenLifeline();
        var old = Join(life, "a");
        life.Hold(Roles.Leader, "a", old, Long);
        var now = Join(life, "a");

        Assert.False(life.Hold(Roles.Leader, "a", now, Long).IsHeld);
        Assert.Equal((true, 2L), Held(life.Hold(Roles.Leader, "a", now, Long, earlyFromEpoch: 1)));
        Assert.False(life.Hold(Roles.Leader, "a", old, Long, earlyFromEpoch: 2).IsHeld);
    }

    [Fact]
    public void Lease_WithALeastEpoch_JumpsAboveWhatMembersHaveSeen()
    {
        using var life = Store.OpenLifeline();
        var a = Join(life, "a");
        life.Hold(Roles.Leader, "a", a, Long);

        Assert.Equal((true, 41L), Held(life.Hold(Roles.Leader, "a", a, Long, atLeastEpoch: 41)));
        Assert.Equal((true, 41L), Held(life.Hold(Roles.Leader, "a", a, Long, atLeastEpoch: 41)));
    }

    [Fact]
    public async Task Lease_OfANodeThatIsDownOrUnknown_IsRefused()
    {
        using var life = Store.OpenLifeline();
        Assert.False(life.Hold(Roles.Leader, "nobody", 1, Long).IsHeld);
        var a = Join(life, "a");
        await Store.OrderAsync(new OperatorOrder(OrderKind.Down, "a"), Token);

        Assert.False(life.Hold(Roles.Leader, "a", a, Long).IsHeld);
    }

    [Fact]
    public async Task Lease_AskedForByManyAtOnce_GoesToOne()
    {
        using var life = Store.OpenLifeline();
        var names = Enumerable.Range(0, 8).Select(number => $"n{number}").ToList();
        var incarnations = names.ToDictionary(name => name, name => Join(life, name));
        var answers = await Task.WhenAll(names.Select(name => Task.Run(() =>
        {
            using var own = Store.OpenLifeline();
            return own.Hold(Roles.Leader, name, incarnations[name], Long);
        })));

        Assert.Single(answers, answer => answer.IsHeld);
        Assert.Equal(1, Beat(life, "n0", incarnations["n0"]).Lease.Epoch);
    }
}
