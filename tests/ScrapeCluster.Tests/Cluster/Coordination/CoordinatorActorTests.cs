using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Coordination;

/// <summary>Jobs and members: first placement, new and ended targets, death, leaving, leaders that come and go.</summary>
public sealed class CoordinatorActorTests : CoordinatorKit
{
    [Fact]
    public void FirstJob_IsStoredAndPlacedOnAllMembers()
    {
        Start("a", "b", "c");
        Tell(Job("j", 200));

        var count = View.TargetSetVersions.Keys.First().Count;
        Assert.Equal(count, View.TargetSetVersions.Count);
        Assert.Equal(count, Rows.Count);
        Assert.Equal(["a", "b", "c"], Rows.Select(row => row.Owner).Distinct().Order());
        Assert.All(Rows, row => Assert.Equal((Epoch, "", "new"), (row.Epoch, row.Previous, row.Reason)));
        Assert.Equal(200, Stored("j").Count);
    }

    [Fact]
    public void NewTarget_ChangesOneSetAndNoRow()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        var before = View;
        Tell(Job("j", 65));

        var after = View;
        Assert.Equal(before.AssignmentVersion + 1, after.AssignmentVersion);
        Assert.All(after.Changed, row => Assert.True(row.Version <= before.AssignmentVersion));
        var changed = Assert.Single(after.TargetSetVersions, set => before.TargetSetVersions[set.Key] != set.Value);
        Assert.True(changed.Value > before.TargetSetVersions[changed.Key]);
        Assert.Contains(64ul, Stored(changed.Key));
    }

    [Fact]
    public void SameTargetsAgain_WriteNothing()
    {
        Start("a");
        Tell(Job("j", 64));
        var version = View.AssignmentVersion;
        Tell(Job("j", 64));

        Assert.Equal(version, View.AssignmentVersion);
    }

    [Fact]
    public void JobThatIsNotConfigured_GoesWithRowsAndSets()
    {
        Start("a");
        Tell(Job("old", 10));
        Tell(Job("new", 10));
        Tell(new JobsConfigured(["new"]));

        Assert.All(Rows, row => Assert.Equal("new", row.Slot.Bucket.Job));
        Assert.All(View.TargetSetVersions.Keys, bucket => Assert.Equal("new", bucket.Key.Job));
        Assert.Contains(Events, noted => noted is { Kind: "job", Subject: "old" });
    }

    [Fact]
    public void Death_IsOneCommitThatSpreadsItsSlotsOverTheSurvivors()
    {
        Start("a", "b", "c", "d");
        Tell(Job("j", 256));
        PassSeconds(2);
        var version = View.AssignmentVersion;
        var lost = Rows.Where(row => row.Owner == "d").Select(row => row.Slot).ToHashSet();
        Die("d");

        Assert.Equal(version + 1, View.AssignmentVersion);
        Assert.Equal(MemberState.Down, Member("d").State);
        var taken = Rows.Where(row => lost.Contains(row.Slot)).ToList();
        Assert.Equal(["a", "b", "c"], taken.Select(row => row.Owner).Distinct().Order());
        Assert.All(taken, row => Assert.Equal(("d", Time.GetUtcNow(), version + 1), (row.Previous, row.EffectiveAt, row.Version)));
        Assert.Single(Events, noted => noted is { Kind: "death", Subject: "d" });
        Assert.InRange(MaxOverAverage(), 1, 1.05);
    }

    [Fact]
    public void TwoDeathsAtOnce_LeaveNothingWithTheDead()
    {
        Start("a", "b", "c", "d", "e");
        Tell(Job("j", 256));
        PassSeconds(2);
        Die("d", "e");

        Assert.All(Rows, row => Assert.Contains(row.Owner, (string[])["a", "b", "c"]));
        Assert.DoesNotContain(Rows, row => row.Reason.StartsWith("quarantined", StringComparison.Ordinal));
    }

    [Fact]
    public void MemberThatIsBackBeforeItWasMissed_KeepsItsRows()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(2);
        var before = Rows;
        var incarnation = Member("b").Incarnation;
        Join("b");
        Publish();
        Sys.EventStream.Publish(new ScrapeCluster.Cluster.Membership.ClusterNews.MemberDied("b", incarnation, "late news"));
        PassSeconds(2);

        Assert.Equal(MemberState.Up, Member("b").State);
        Assert.Equal(before.Select(row => (row.Slot, row.Owner)), Rows.Select(row => (row.Slot, row.Owner)));
    }

    [Fact]
    public void OrderDown_TakesAllSlotsAtOnce()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(1);
        Order(OrderKind.Down, "b");

        Assert.All(Rows, row => Assert.Equal("a", row.Owner));
        Assert.Contains(Events, noted => noted is { Kind: "take-over", Subject: "b" });
    }

    [Fact]
    public void NewLeader_StartsFromWhatIsStored()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(1);
        var before = View;
        Lead("b");
        PassSeconds(5);

        Assert.Equal(before.AssignmentVersion, View.AssignmentVersion);
        Tell(Job("j", 64));
        Tell(new JobsConfigured(["j"]));
        Assert.Equal(before.AssignmentVersion, View.AssignmentVersion);
        Tell(Job("j", 63));
        Assert.Equal(before.AssignmentVersion + 1, View.AssignmentVersion);
        Assert.Equal(2, Events.Count(noted => noted.Kind == "leader"));
    }

    /// <summary>A file that the new leader cannot read must not take the targets away that its predecessor had found there.</summary>
    [Fact]
    public void NewLeader_PartOfDiscoveryFailed_KeepsWhatIsStoredUntilAllWasSeen()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(1);
        Lead("b");
        var before = View;
        Tell(new JobsConfigured(["j", "new"]));
        Tell(Job("j", 3) with { IsPartial = true });
        Assert.Equal(before.AssignmentVersion, View.AssignmentVersion);

        Tell(Job("new", 2, first: 1000) with { IsPartial = true });
        Assert.Contains(Rows, row => row.Slot.Bucket.Job == "new");
        Tell(Job("j", 63));
        Tell(Job("j", 62) with { IsPartial = true });
        Assert.Equal(before.AssignmentVersion + 3, View.AssignmentVersion);
    }

    [Fact]
    public void NewLeader_AfterADeath_TakesOverTheDeadLeadersSlots()
    {
        Start("a", "b", "c");
        Tell(Job("j", 64));
        PassSeconds(1);
        StopCoordinator();
        Lead("b");
        Die("a");

        Assert.All(Rows, row => Assert.Contains(row.Owner, (string[])["b", "c"]));
    }

    [Fact]
    public void FencedLeader_WritesNothing()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(1);
        Usurp("b");
        var before = View;
        Die("b");
        Tell(Job("j", 65));
        Tell(Job("k", 65));

        Assert.Equal(before.AssignmentVersion, View.AssignmentVersion);
        Assert.Equal(MemberState.Up, Member("b").State);
    }

    [Fact]
    public void LeaderInDoubtOfItsLease_WaitsUntilItIsSureAgain()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        DoubtLease(true);
        var version = View.AssignmentVersion;
        Die("b");
        Assert.Equal(version, View.AssignmentVersion);
        DoubtLease(false);
        PassSeconds(0.5);

        Assert.Equal(MemberState.Down, Member("b").State);
    }

    [Fact]
    public void ColdStart_WaitsForTheMembersThatItWasTold()
    {
        Terms = Terms with { MinMembers = 3 };
        Start("a");
        Tell(Job("j", 64));
        PassSeconds(3);
        Assert.Empty(Rows);
        Assert.NotEmpty(View.TargetSetVersions);
        Join("b", "c");
        PassSeconds(1);

        Assert.Equal(["a", "b", "c"], Rows.Select(row => row.Owner).Distinct().Order());
    }

    [Fact]
    public void ColdStart_DoesNotWaitForEver()
    {
        Terms = Terms with { MinMembers = 3 };
        Start("a");
        Tell(Job("j", 64));
        Pass(Terms.StartTimeout);

        Assert.All(Rows, row => Assert.Equal("a", row.Owner));
        Assert.NotEmpty(Rows);
    }

    [Fact]
    public void Cordoned_KeepsWhatItHasAndIsGivenNothing()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(1);
        var held = Rows.Where(row => row.Owner == "b").Select(row => row.Slot).ToHashSet();
        Order(OrderKind.Cordon, "b");
        Tell(Job("k", 64));
        PassSeconds(1);

        Assert.All(Rows.Where(row => row.Slot.Bucket.Job == "k"), row => Assert.Equal("a", row.Owner));
        Assert.Equal(held, Rows.Where(row => row.Owner == "b").Select(row => row.Slot).ToHashSet());
    }

    [Fact]
    public void Capacity_WhatNobodyCanTakeIsARowWithoutOwnerAndAReason()
    {
        JoinZone("a", "", capacity: 1000);
        Lead();
        Publish();
        Tell(Job("j", 20));
        PassSeconds(1);

        Assert.Contains(Rows, row => row.Owner.Length == 0 && row.Reason.Contains("cluster.capacity", StringComparison.Ordinal));
        Assert.Contains(Events, noted => noted.Kind == "unplaced");
        Join("b");
        PassSeconds(1);
        Assert.All(Rows, row => Assert.NotEmpty(row.Owner));
    }

    [Fact]
    public void Replicas_LieOnDifferentNodesAndZones()
    {
        Terms = Terms with { Replicas = 2, MinMembers = 4 };
        JoinZone("a", "east");
        JoinZone("b", "east");
        JoinZone("c", "west");
        JoinZone("d", "west");
        Lead();
        Publish();
        Tell(Job("j", 64));

        Assert.All(Rows.GroupBy(row => row.Slot.Bucket), bucket =>
        {
            Assert.Equal([0, 1], bucket.Select(row => row.Slot.Slot).Order());
            Assert.Equal(["east", "west"], bucket.Select(row => Member(row.Owner).Zone).Order());
        });
    }

    [Fact]
    public void Replicas_UnderALeaderWithAnotherSetting_AreAsItsSettingSays()
    {
        Terms = Terms with { Replicas = 2 };
        Join("a");
        Lead();
        Tell(Job("web", 10));
        PassSeconds(15);
        Assert.All(Rows.Where(row => row.Slot.Slot == 1), row => Assert.False(RowReasons.IsUnwanted(row.Reason)));

        Terms = Terms with { Replicas = 1 };
        Lead();
        PassSeconds(15);
        Assert.All(Rows, row => Assert.Equal((0, "a"), (row.Slot.Slot, row.Owner)));

        Terms = Terms with { Replicas = 2 };
        Lead();
        PassSeconds(15);
        Assert.Contains(Rows, row => row.Slot.Slot == 1);
        Assert.All(Rows.Where(row => row.Slot.Slot == 1), row => Assert.False(RowReasons.IsUnwanted(row.Reason)));
    }

    [Fact]
    public void Replicas_Lowered_TheirRowsGoOnceAllMembersHaveReadThatTheyAreNotWanted()
    {
        Terms = Terms with { Replicas = 2 };
        Start("a", "b");
        Tell(Job("web", 10));
        PassSeconds(15);
        Claim("b", View.AssignmentVersion);

        Terms = Terms with { Replicas = 1 };
        Lead();
        PassSeconds(15);
        Assert.Contains(Rows, row => row.Slot.Slot == 1);
        Assert.All(Rows.Where(row => row.Slot.Slot == 1), row => Assert.True(row.Owner.Length == 0 && RowReasons.IsUnwanted(row.Reason), $"{row}"));

        Join("b");
        PassSeconds(15);
        Assert.DoesNotContain(Rows, row => row.Slot.Slot == 1);
        Assert.All(Rows, row => Assert.NotEmpty(row.Owner));
    }

    [Fact]
    public void Heir_IsPreferredWhenItsOwnerDies()
    {
        Start("a", "b", "c", "d");
        Tell(Job("j", 256));
        PassSeconds(1);
        var inherited = Rows.First(row => row.Owner == "d");
        var frame = Frame(Member("c"));
        frame.Inherits.Add(Write(inherited));
        Sys.EventStream.Publish(new ScrapeCluster.Cluster.Membership.ClusterNews.MemberReported("c", frame));
        Die("d");

        Assert.Equal("c", OwnerOf("j", inherited.Slot.Bucket.Bucket));
    }

    [Fact]
    public void DescribePlan_WhilePlacementWaits_SaysForWhat()
    {
        Terms = Terms with { MinMembers = 5 };
        Start("a");

        Assert.Contains("cluster.min-members", Ask<NoPlanYet>(new DescribePlan()).Reason);
    }
}
