using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Ownership;

public sealed class OwnershipHeirTests : IDisposable
{
    private static readonly ScrapeTarget[] Targets = [.. Enumerable.Range(1, 8).Select(number => OwnershipWorld.Target((ulong)number))];
    private readonly OwnershipWorld _world = new("a", "b", "c");

    public void Dispose() => _world.Dispose();

    [Fact]
    public void FirstLines_GoToOneHeirWithinSeconds()
    {
        Give("a");
        _world.Advance(3);

        Assert.Single(new[] { "b", "c" }, node => _world[node].Picture.Inherits.Count == 1);
        Assert.Empty(_world["a"].Picture.Inherits);
        Assert.All(Said(), request => Assert.Equal("a", request.From));
        Assert.True(Said()[0].Replaces);
        Assert.Equal(8, Said()[0].Lines.Count);
    }

    [Fact]
    public void UnchangedLines_AreNotSentAgain()
    {
        Give("a");
        _world.Advance(5);
        var said = Said().Count;
        _world.Advance(200);

        Assert.Equal(said, Said().Count);
    }

    [Fact]
    public void ChangedLines_GoAtMostOnceAMinute()
    {
        Give("a");
        _world.Advance(10);
        var said = Said().Count;
        for (var second = 0; second < 180; second++)
        {
            _world["a"].Pools.Expose(changed: 3);
            _world.Advance(1);
        }

        var changes = Said().Skip(said).ToList();
        Assert.InRange(changes.Count, 2, 3);
        Assert.All(changes, request => Assert.Equal(3UL, Assert.Single(request.Lines).TargetHash));
        Assert.All(changes, request => Assert.False(request.Replaces));
    }

    [Fact]
    public void HeirGone_AllLinesGoToTheNext()
    {
        Give("a");
        _world.Advance(5);
        var heir = HeirOfTheSlot();
        var other = OtherThan(heir);
        _world.Kill(heir);
        _world.SetState(heir, MemberState.Down);
        _world["a"].Actor.Tell(new ClusterNews.MemberGone(heir), ActorRefs.NoSender);
        _world.Read();
        _world.Advance(5);

        Assert.Single(_world[other].Picture.Inherits);
        Assert.True(Said()[^1].Replaces);
    }

    [Fact]
    public void LinesThatDidNotArrive_AreAllSentAgain()
    {
        _world.Network.Fate = static call => call.Request is BequeathRequest ? ScriptedNetwork.Passage.Lost : ScriptedNetwork.Passage.AtOnce;
        Give("a");
        _world.Advance(15);
        _world.Network.Fate = static _ => ScriptedNetwork.Passage.AtOnce;
        _world.Advance(30);

        Assert.Equal(8, Said()[^1].Lines.Count);
        Assert.Single(_world[HeirOfTheSlot()].Picture.Inherits);
    }

    [Fact]
    public void OwnerDies_TheHeirAdoptsAndScrapesOn()
    {
        Give("a");
        _world.Advance(5);
        var heir = HeirOfTheSlot();
        _world.Kill("a");
        _world.SetState("a", MemberState.Down);
        _world.Commit(_world.Row(heir, reason: "orphaned"));
        _world.Read();

        Assert.Equal([heir], _world.ScrapersOf(1));
        Assert.Equal(Targets.Select(target => target.Hash), _world[heir].Pools.Adopted.Select(line => line.TargetHash).Order());
        var order = _world[heir].Pools.Told;
        Assert.True(order.FindIndex(told => told is SlotPlan) < order.FindIndex(told => told is AdoptLines));
        Assert.Empty(_world[heir].Picture.Inherits);
    }

    [Fact]
    public void OwnerDiesAndItsRowNamesIt_TheHeirDoesNotWaitForIt()
    {
        Give("a");
        _world.Advance(5);
        var heir = HeirOfTheSlot();
        _world.Kill("a");
        _world.SetState("a", MemberState.Down);
        _world.Commit(_world.Row(heir, "a", reason: "orphaned"));
        _world.Read();

        Assert.Equal(8, _world[heir].Pools.Adopted.Count);
        _world.Advance(3);
        Assert.Empty(_world.Network.Requests<AcknowledgeRequest>(heir));
    }

    [Fact]
    public void OwnerDiesAndAnotherTakesItsSlot_TheHeirPassesTheLinesOn()
    {
        var (heir, other) = OwnerDies();
        _world.Commit(_world.Row(other, "a", reason: "orphaned"));
        _world.Read();

        Assert.Equal([other], _world.ScrapersOf(1));
        AssertAdopted(other);
        Assert.Empty(_world[heir].Pools.Adopted);
        Assert.Empty(_world[heir].Picture.Inherits);
        _world.Advance(3);
        Assert.Single(_world.Network.Requests<HandOverRequest>(heir));
    }

    [Fact]
    public void NewOwnerReadsItsRowLater_TheHeirsLinesWaitForIt()
    {
        var (heir, other) = OwnerDies();
        _world.Commit(_world.Row(other, "a", reason: "orphaned"));
        _world.Read(heir);
        _world.Advance(1.5);
        Assert.Empty(_world[other].Pools.Told);
        _world.Read(other);
        _world.Advance(0.3);

        AssertAdopted(other);
        var order = _world[other].Pools.Told;
        Assert.True(order.FindIndex(told => told is SlotPlan) < order.FindIndex(told => told is AdoptLines));
    }

    [Fact]
    public void NewOwnerNeverTakesTheHeirsLines_TheyAreGivenUp()
    {
        var (heir, other) = OwnerDies();
        _world.Commit(_world.Row(other, "a", reason: "orphaned"));
        _world.Read(heir);
        _world.Advance(10);
        var said = _world.Network.Requests<HandOverRequest>(heir).Count();
        _world.Advance(10);

        Assert.InRange(said, 2, 20);
        Assert.Equal(said, _world.Network.Requests<HandOverRequest>(heir).Count());
    }

    [Fact]
    public void HeirsLinesThatComeTwice_AreAdoptedOnce()
    {
        var (_, other) = OwnerDies();
        _world.Network.Fate = static call => call.Request is HandOverRequest ? ScriptedNetwork.Passage.AnswerLost : ScriptedNetwork.Passage.AtOnce;
        _world.Commit(_world.Row(other, "a", reason: "orphaned"));
        _world.Read();
        _world.Advance(25);

        AssertAdopted(other);
    }

    [Fact]
    public void HeirsLines_OfAnOwnerThatLives_AreNotPassedOn()
    {
        Give("a");
        _world.Advance(5);
        var heir = HeirOfTheSlot();
        var other = OtherThan(heir);
        _world.Commit(_world.Row(other, "a", lead: 2));
        _world.Read();
        _world.Advance(5);

        Assert.Empty(_world.Network.Requests<HandOverRequest>(heir));
        AssertAdopted(other);
    }

    [Fact]
    public void SlotGoesToAnother_WhatWasKeptIsForgotten()
    {
        Give("a");
        _world.Advance(5);
        var heir = HeirOfTheSlot();
        var other = OtherThan(heir);
        _world.Network.Fate = static call => call.Request is BequeathRequest ? ScriptedNetwork.Passage.Lost : ScriptedNetwork.Passage.AtOnce;
        _world.Commit(_world.Row(other, "a", lead: 2));
        _world.Read();

        Assert.Empty(_world[heir].Picture.Inherits);
    }

    [Fact]
    public void JobEnds_WhatWasKeptIsForgotten()
    {
        Give("a");
        _world.Advance(5);
        var heir = HeirOfTheSlot();
        _world.Commit(commit => commit with { Removed = [new BucketRef(new BucketKey(OwnershipWorld.Job, 0), 1)] });
        _world.Read();

        Assert.Empty(_world[heir].Picture.Inherits);
    }

    [Fact]
    public void ManySlots_AreSpreadOverTime()
    {
        const int Count = 64;
        var targets = Enumerable.Range(0, Count).Select(number => OwnershipWorld.Target((ulong)number)).ToList();
        _world.Commit(commit => commit with
        {
            TargetSets = [.. Enumerable.Range(0, Count).Select(bucket => _world.Set(targets, bucket, Count))],
            Assignments = [.. Enumerable.Range(0, Count).Select(bucket => _world.Row("a", bucket: bucket, count: Count))],
        });
        _world.Read();
        _world.Advance(0.9);
        Assert.Empty(Said());

        var most = 0;
        var before = 0;
        _world.Advance(6, () => (most, before) = (Math.Max(most, Said().Count - before), Said().Count));
        Assert.True(most <= 32, $"{most} at once");
        Assert.Equal(Count, _world["b"].Picture.Inherits.Count + _world["c"].Picture.Inherits.Count);
        Assert.InRange(_world["b"].Picture.Inherits.Count, Count / 4, Count * 3 / 4);
    }

    private void Give(string owner)
    {
        _world.Commit(commit => commit with { TargetSets = [_world.Set(Targets)], Assignments = [_world.Row(owner)] });
        _world.Read();
    }

    private (string Heir, string Other) OwnerDies()
    {
        Give("a");
        _world.Advance(5);
        var heir = HeirOfTheSlot();
        _world.Kill("a");
        _world.SetState("a", MemberState.Down);
        return (heir, OtherThan(heir));
    }

    private void AssertAdopted(string node) =>
        Assert.Equal(Targets.Select(target => target.Hash), _world[node].Pools.Adopted.Select(line => line.TargetHash).Order());

    private static string OtherThan(string heir) => heir == "b" ? "c" : "b";

    private string HeirOfTheSlot() => new[] { "b", "c" }.Single(node => _world[node].Picture.Inherits.Count > 0);

    private List<BequeathRequest> Said() => [.. _world.Network.Requests<BequeathRequest>("a")];
}
