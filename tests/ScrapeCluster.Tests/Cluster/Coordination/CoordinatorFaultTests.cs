using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Coordination;

/// <summary>Commits that fail or seem to, stores that forget, buckets that kill.</summary>
public sealed class CoordinatorFaultTests : CoordinatorKit
{
    [Fact]
    public void Commit_OfWhichNobodyKnows_IsLookedUpAndNotMadeTwice()
    {
        var store = new FaultyStore(Store);
        Store = store;
        Start("a", "b");
        store.LoseAnswers = 1;
        Tell(Job("j", 64));
        var rows = Rows;
        Assert.NotEmpty(rows);
        PassSeconds(2);

        Assert.Equal(rows, Rows);
        Tell(Job("j", 65));
        Assert.True(View.TargetSetVersions.Values.Max() > rows.Max(row => row.Version));
    }

    [Fact]
    public void StoreDown_NothingHappens_AndAllOfItWhenItIsBack()
    {
        var store = new FaultyStore(Store);
        Store = store;
        Start("a", "b", "c");
        Tell(Job("j", 64));
        PassSeconds(1);
        var version = View.AssignmentVersion;
        store.IsDown = true;
        Die("b");
        Tell(Job("j", 65));
        Tell(Job("k", 10));
        PassSeconds(60);
        Assert.Equal(version, View.AssignmentVersion);
        store.IsDown = false;
        PassSeconds(2);

        Assert.Equal(MemberState.Down, Member("b").State);
        Assert.DoesNotContain(Rows, row => row.Owner == "b");
        Assert.Contains(Rows, row => row.Slot.Bucket.Job == "k");
        Assert.Equal(65, Stored("j").Count);
    }

    [Fact]
    public void StoreThatLostCommits_IsDecidedOnWhenItIsRepaired()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(1);
        var version = View.AssignmentVersion;
        Claim("b", 1000);
        Lead("a");
        Die("b");
        PassSeconds(5);
        Assert.Equal(version, View.AssignmentVersion);
        Store.CommitAsync(new LeaderCommit(Epoch, version) { AtLeastVersion = 1001 }, default);
        PassSeconds(1);

        Assert.All(Rows, row => Assert.Equal("a", row.Owner));
        Assert.True(View.AssignmentVersion > 1001);
    }

    [Fact]
    public void BucketThatKillsTwoOwnersInARow_IsQuarantined()
    {
        Start("a", "b", "c", "d", "e");
        Tell(Job("j", 256));
        PassSeconds(30);
        var poison = Rows.First(row => row.Owner == "e").Slot;
        Kill(poison);
        Assert.NotEmpty(OwnerOf("j", poison.Bucket.Bucket));
        PassSeconds(2);
        Kill(poison);
        Assert.NotEmpty(OwnerOf("j", poison.Bucket.Bucket));
        PassSeconds(2);
        Kill(poison);

        var row = Rows.Single(row => row.Slot == poison);
        Assert.Equal("", row.Owner);
        Assert.StartsWith("quarantined", row.Reason, StringComparison.Ordinal);
        Assert.Contains(Events, noted => noted.Kind == "quarantine" && noted.Subject == poison.ToString());
        Assert.Contains(poison.Bucket, Board.Leader!.Quarantined.Keys);
        Assert.True(Rows.Count(row => row.Owner.Length == 0) <= 16, "only what was there both times");
        PassSeconds(30);
        Assert.Equal("", OwnerOf("j", poison.Bucket.Bucket));
    }

    [Fact]
    public void Quarantine_OutlivesItsLeader_AndEndsByAPinOrByTime()
    {
        BucketThatKillsTwoOwnersInARow_IsQuarantined();
        var held = Rows.Where(row => row.Owner.Length == 0).Select(row => row.Slot.Bucket).ToList();
        Lead(View.Members.First(member => member.State == MemberState.Up).Node);
        PassSeconds(30);
        Assert.Equal("", OwnerOf("j", held[0].Bucket));
        Order(OrderKind.Pin, Terms.Node, held[0]);
        PassSeconds(1);
        Assert.Equal(Terms.Node, OwnerOf("j", held[0].Bucket));
        Pass(TimeSpan.FromMinutes(10));

        Assert.All(Rows, row => Assert.NotEmpty(row.Owner));
    }

    [Fact]
    public void ReleasedBucket_IsGivenToSomebodyAtOnce_AndTheNextDeathNeedsNoSecond()
    {
        BucketThatKillsTwoOwnersInARow_IsQuarantined();
        var poison = Rows.First(row => row.Owner.Length == 0).Slot;
        Coordinator.Tell(new ReleaseBucket(poison.Bucket), TestActor);
        var released = ExpectMsg<BucketReleased>();
        PassSeconds(1);

        Assert.Equal(poison, Assert.Single(released.Rows).Slot);
        Assert.Equal(released.Rows[0].Owner, OwnerOf("j", poison.Bucket.Bucket));
        Assert.NotEmpty(released.Rows[0].Owner);
        Assert.Single(Events, noted => noted.Kind == "release" && noted.Subject == poison.ToString());
        Assert.DoesNotContain(poison.Bucket, Board.Leader!.Quarantined.Keys);
        PassSeconds(2);
        Kill(poison);
        Assert.StartsWith("quarantined", Rows.Single(row => row.Slot == poison).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ReleasedBucket_ThatNobodyCanTake_WaitsForSomebody_AlsoUnderTheNextLeader()
    {
        BucketThatKillsTwoOwnersInARow_IsQuarantined();
        var poison = Rows.First(row => row.Owner.Length == 0).Slot;
        var living = View.Members.Where(member => member.State == MemberState.Up).Select(member => member.Node).ToList();
        living.ForEach(node => Order(OrderKind.Cordon, node));
        PassSeconds(1);
        Coordinator.Tell(new ReleaseBucket(poison.Bucket), TestActor);
        Assert.Equal("", Assert.Single(ExpectMsg<BucketReleased>().Rows).Owner);
        Lead(living[0]);
        PassSeconds(2);
        Assert.Equal("", OwnerOf("j", poison.Bucket.Bucket));
        Order(OrderKind.Uncordon, living[0]);
        PassSeconds(2);

        var row = Rows.Single(row => row.Slot == poison);
        Assert.Equal(living[0], row.Owner);
        Assert.Contains("released", row.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void BucketThatIsNotInQuarantine_IsNotReleased()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(2);
        var version = View.AssignmentVersion;
        Coordinator.Tell(new ReleaseBucket(Rows[0].Slot.Bucket), TestActor);
        Assert.Empty(ExpectMsg<BucketReleased>().Rows);
        Coordinator.Tell(new ReleaseBucket(new BucketKey("unknown", 0)), TestActor);
        Assert.Empty(ExpectMsg<BucketReleased>().Rows);

        Assert.Equal(version, View.AssignmentVersion);
        Assert.DoesNotContain(Events, noted => noted.Kind == "release");
    }

    [Fact]
    public void TenKillsEachAfterSettling_QuarantineNothing()
    {
        Start("a", "b", "c", "d", "e");
        Tell(Job("j", 200));
        PassSeconds(20);
        for (var kill = 0; kill < 10; kill++)
        {
            var node = (string[])["b", "c", "d", "e"];
            Die(node[kill % 4]);
            PassSeconds(15);
            Join(node[kill % 4]);
            PassSeconds(15);
        }

        Assert.All(Rows, row => Assert.NotEmpty(row.Owner));
        Assert.DoesNotContain(Events, noted => noted.Kind == "quarantine");
    }

    private void Kill(SlotKey slot)
    {
        var owner = OwnerOf("j", slot.Bucket.Bucket);
        if (owner == Terms.Node)
        {
            StopCoordinator();
            Lead(View.Members.First(member => member.State == MemberState.Up && member.Node != owner).Node);
            Publish();
        }

        Die(owner);
    }
}
