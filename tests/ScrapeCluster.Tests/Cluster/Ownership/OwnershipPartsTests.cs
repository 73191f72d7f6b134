using ScrapeCluster.Cluster.Ownership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Ownership;

/// <summary>The rules that OwnershipActor goes by, without it.</summary>
public sealed class OwnershipPartsTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Heir_StaysWhenOthersComeAndGo()
    {
        string[] members = [.. Enumerable.Range(0, 10).Select(number => $"node-{number}")];
        var heirs = new Heirs(members);
        var moved = 0;
        for (var bucket = 0; bucket < 1000; bucket++)
        {
            var slot = OwnershipWorld.Slot(bucket);
            var heir = heirs.Of(slot);
            Assert.Equal(heir, new Heirs(members.Where(node => node == heir || node != "node-3")).Of(slot));
            Assert.NotEqual(heir, heirs.Of(slot, node => node == heir));
            var later = new Heirs([.. members, "new"]).Of(slot);
            Assert.True(later == heir || later == "new");
            moved += later == "new" ? 1 : 0;
        }

        Assert.InRange(moved, 60, 125);
        Assert.Null(Heirs.None.Of(OwnershipWorld.Slot()));
    }

    [Fact]
    public void Parcels_HoldEverythingInOrder()
    {
        var random = new Random(1);
        var lines = Enumerable.Range(0, 500).Select(number => new TargetLines((ulong)number, new byte[random.Next(1000)])).ToList();
        var parcels = LineParcels.Of(lines, maxBytes: 4000);

        Assert.Equal(lines, parcels.SelectMany(parcel => parcel));
        Assert.All(parcels, parcel => Assert.InRange(parcel.Sum(line => line.Packed.Length), 0, 4000));
        Assert.True(parcels.Count < 120, $"{parcels.Count} parcels");
    }

    [Fact]
    public void Parcels_OfNothing_AreOne()
    {
        Assert.Empty(Assert.Single(LineParcels.Of([])));
        Assert.Empty(Assert.Single(LineParcels.Of([new TargetLines(1, new byte[5000])], maxBytes: 4000)));
    }

    [Fact]
    public void Inheritance_KeepsChangesOfTheSameOwnerOnly()
    {
        var kept = new Inheritance(1000);
        var slot = OwnershipWorld.Slot();

        Assert.False(kept.Keep(slot, 1, "a", Lines(1, 10), replaces: false));
        Assert.True(kept.Keep(slot, 1, "a", [.. Lines(1, 10), .. Lines(2, 10)], replaces: true));
        Assert.True(kept.Keep(slot, 1, "a", Lines(1, 30), replaces: false));
        Assert.False(kept.Keep(slot, 1, "b", Lines(1, 30), replaces: false));
        Assert.False(kept.Keep(slot, 2, "a", Lines(1, 30), replaces: false));
        Assert.Equal(40, kept.Bytes);
        Assert.True(kept.TryTake(slot, out var lines));
        Assert.Equal([(1UL, 30), (2UL, 10)], lines.Select(line => (line.TargetHash, line.Packed.Length)).Order());
        Assert.Equal(0, kept.Bytes);
        Assert.False(kept.TryTake(slot, out _));
    }

    [Fact]
    public void Inheritance_BeyondItsBudget_ForgetsTheSlotThatDidNotFit()
    {
        var kept = new Inheritance(100);

        Assert.True(kept.Keep(OwnershipWorld.Slot(1), 4, "a", Lines(1, 60), replaces: true));
        Assert.False(kept.Keep(OwnershipWorld.Slot(2), 4, "a", Lines(2, 60), replaces: true));
        Assert.Equal(60, kept.Bytes);
        Assert.False(kept.Holds(OwnershipWorld.Slot(2)));
        kept.KeepOnlyFrom(OwnershipWorld.Slot(1), "b");
        Assert.Equal(0, kept.Bytes);
    }

    [Fact]
    public void Bequest_FirstSoonThenWhenTheSlowestWasScrapedThenOnceAMinute()
    {
        var bequest = new Bequest(Start, TimeSpan.FromSeconds(30), spread: 0);
        bequest.Turn("b", Start);
        Assert.False(bequest.IsDue(Start.AddSeconds(0.9)));
        Assert.Equal([1, 31, 91, 151], Play(bequest, 200));
    }

    [Fact]
    public void Bequest_ThatFailed_IsAllLines()
    {
        var bequest = new Bequest(Start, TimeSpan.FromSeconds(1), spread: 0);
        bequest.Turn("b", Start);
        var (turn, all) = bequest.Begin(Start.AddSeconds(3));
        Assert.True(all);
        bequest.Ended(turn, arrived: true, Start.AddSeconds(3));
        (turn, all) = bequest.Begin(Start.AddSeconds(63));
        Assert.False(all);
        bequest.Ended(turn, arrived: false, Start.AddSeconds(63));
        Assert.True(bequest.IsDue(Start.AddSeconds(68)));
        Assert.True(bequest.Begin(Start.AddSeconds(68)).All);
    }

    [Fact]
    public void Bequest_WithoutAnAnswer_IsGivenUp()
    {
        var bequest = new Bequest(Start, TimeSpan.FromSeconds(1), spread: 0);
        bequest.Turn("b", Start);
        var (turn, _) = bequest.Begin(Start.AddSeconds(1));
        Assert.False(bequest.IsDue(Start.AddSeconds(20)));
        Assert.False(bequest.IsDue(Start.AddSeconds(32)));
        Assert.False(bequest.Awaits(turn));
        Assert.True(bequest.IsDue(Start.AddSeconds(40)));
    }

    [Fact]
    public void Bequest_WithoutAnHeir_IsNeverDue()
    {
        Assert.False(new Bequest(Start, TimeSpan.FromSeconds(1), spread: 0).IsDue(Start.AddHours(1)));
    }

    [Fact]
    public void Shelf_AsksForWhatIsNewerAndKeepsWhatIsThere()
    {
        var shelf = new TargetShelf();
        var bucket = new BucketRef(new BucketKey("job", 0), 1);
        var set = new TargetSet([OwnershipWorld.Target(1)], null);
        shelf.See(new Dictionary<BucketRef, long> { [bucket] = 3 });

        Assert.Equal([bucket], shelf.Missing([bucket, bucket], Start));
        Assert.True(shelf.Put(new StoredTargetSet(bucket, 3, 7, []), set));
        Assert.Empty(shelf.Missing([bucket], Start));
        Assert.False(shelf.Put(new StoredTargetSet(bucket, 2, 8, []), new TargetSet([], null)));
        shelf.See(new Dictionary<BucketRef, long> { [bucket] = 4 });
        Assert.Equal([bucket], shelf.Missing([bucket], Start));
        Assert.False(shelf.Put(new StoredTargetSet(bucket, 4, 7, []), new TargetSet([OwnershipWorld.Target(1)], null)));
        Assert.Same(set, shelf.Find(bucket));
    }

    [Fact]
    public void Shelf_AfterAFailure_WaitsBeforeItAsksAgain()
    {
        var shelf = new TargetShelf();
        var bucket = new BucketRef(new BucketKey("job", 0), 1);
        shelf.Failed(bucket, Start);
        Assert.Empty(shelf.Missing([bucket], Start.AddSeconds(0.9)));
        Assert.Single(shelf.Missing([bucket], Start.AddSeconds(1)));
        Assert.True(shelf.Damaged(new StoredTargetSet(bucket, 1, 0, []), Start));
        Assert.False(shelf.Damaged(new StoredTargetSet(bucket, 1, 0, []), Start));
        Assert.Empty(shelf.Missing([bucket], Start.AddSeconds(4)));
    }

    private static TargetLines[] Lines(ulong hash, int bytes) => [new TargetLines(hash, new byte[bytes])];

    /// <summary>Seconds at which it was due.</summary>
    private static List<int> Play(Bequest bequest, int seconds)
    {
        var times = new List<int>();
        for (var second = 0; second <= seconds; second++)
        {
            var now = Start.AddSeconds(second);
            if (bequest.IsDue(now))
            {
                times.Add(second);
                bequest.Ended(bequest.Begin(now).Turn, arrived: true, now);
            }
        }

        return times;
    }
}
