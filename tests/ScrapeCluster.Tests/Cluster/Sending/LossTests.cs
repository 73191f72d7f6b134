using ScrapeCluster.Cluster.Sending;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Sending;

/// <summary>What the rows say of a node that comes back: did others scrape what it had?</summary>
public sealed class LossTests
{
    private static readonly DateTimeOffset Then = DateTimeOffset.UnixEpoch;

    [Fact]
    public void OnReturn_NothingChanged_NothingIsLost() =>
        Assert.Null(Loss.OnReturn("a", Rows(Row(0, "a"), Row(1, "b")), [Row(0, "a"), Row(1, "b")]));

    [Fact]
    public void OnReturn_TakenOverAfterItsDeath_SinceTheFirstOfThem() =>
        Assert.Equal(Then.AddSeconds(5), Loss.OnReturn("a", Rows(Row(0, "a"), Row(1, "a")), [Orphan(0, "b", 7), Orphan(1, "c", 5)]));

    [Fact]
    public void OnReturn_TakenOverAndMovedOn_IsLostAllTheSame() =>
        Assert.Equal(Then.AddSeconds(9), Loss.OnReturn("a", Rows(Row(0, "a")), [Row(0, "c", 9, "b", "balance")]));

    [Fact]
    public void OnReturn_GivenBackMeanwhile_IsLost() =>
        Assert.Equal(Then.AddSeconds(9), Loss.OnReturn("a", Rows(Row(0, "a")), [Row(0, "a", 9, "b", "balance")]));

    /// <summary>A move that was committed right before the node ended, of which its file does not tell.</summary>
    [Fact]
    public void OnReturn_OneOfManyWentInAMove_IsNoLoss() =>
        Assert.Null(Loss.OnReturn("a", Rows(Row(0, "a"), Row(1, "a")), [Row(0, "b", 9, "a", "balance"), Row(1, "a")]));

    [Fact]
    public void OnReturn_CutIntoHalves_IsNoLoss() =>
        Assert.Null(Loss.OnReturn("a", Rows(Row(0, "a")), [Row(0, "a", 0, "", "split"), Row(1, "a", 0, "", "split")]));

    [Fact]
    public void OnReturn_NobodyCouldTakeIt_NothingComesBeforeItsOwn() =>
        Assert.Null(Loss.OnReturn("a", Rows(Row(0, "a")), [Row(0, "", 4, "a", "orphaned by a")]));

    [Fact]
    public void OnReturn_WithoutMemory_TheRowsThatNameItCount()
    {
        Assert.Null(Loss.OnReturn("a", Rows(), [Row(0, "b", 3, "c", "orphaned by c"), Row(1, "b", 3, "a", "balance"), Row(2, "a")]));
        Assert.Equal(Then.AddSeconds(4), Loss.OnReturn("a", Rows(), [Row(0, "b", 4, "a", "leaving")]));
    }

    [Fact]
    public void InView_OnlyADeathIsALoss()
    {
        var before = Rows(Row(0, "a"), Row(1, "a"), Row(2, "b"));
        Assert.Null(Loss.InView("a", before, [Row(0, "b", 4, "a", "balance"), Row(1, "b", 4, "a", "leaving")]));
        Assert.Null(Loss.InView("a", before, [Orphan(2, "c", 4)]));
        Assert.Equal(Then.AddSeconds(4), Loss.InView("a", before, [Orphan(0, "b", 4)]));
    }

    private static Dictionary<SlotKey, Assignment> Rows(params Assignment[] rows) => rows.ToDictionary(row => row.Slot);

    private static Assignment Orphan(int bucket, string owner, double at) => Row(bucket, owner, at, "a", "orphaned by a");

    private static Assignment Row(int bucket, string owner, double at = 0, string previous = "", string reason = "new") =>
        new(new SlotKey(new BucketKey("j", bucket), 0), 2, owner, previous, Then.AddSeconds(at), 1, 1, reason);
}
