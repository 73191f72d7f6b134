using ScrapeCluster.Cluster.Speaking;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Speaking;

public sealed class ReplicaPartnersTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    [Fact]
    public void Of_TheOwnerOfTheOtherSlot_OfTheSameBucket()
    {
        var partners = Read(Row(0, 0, "a"), Row(0, 1, "b"), Row(1, 0, "c"), Row(1, 1, "a"), Row(1, 2, "d"));

        Assert.Equal(["b"], Of(partners, slot: 0, hash: 4));
        Assert.Equal(["c"], Of(partners, slot: 1, hash: 5));
        Assert.Empty(Of(partners, slot: 2, hash: 5));
        Assert.Equal(["b", "c"], partners.Nodes.Order());
    }

    /// <summary>It has scrapes of its own to decide about.</summary>
    [Fact]
    public void Of_AlsoTheOwnerBefore_ForAWhile()
    {
        Assert.Equal(["b", "c"], Of(Read(Row(0, 0, "a"), Row(0, 1, "c") with { Previous = "b", EffectiveAt = Now }), slot: 0, hash: 0).Order());
        Assert.Equal(["c"], Of(Read(Row(0, 0, "a"), Row(0, 1, "c") with { Previous = "b", EffectiveAt = Now.AddMinutes(-3) }), slot: 0, hash: 0));
    }

    [Fact]
    public void Of_NobodyHasTheOtherSlot_Nobody()
    {
        Assert.Empty(Of(Read(Row(0, 0, "a"), Row(0, 1, "")), slot: 0, hash: 0));
        Assert.Empty(Of(Read(Row(0, 0, "a")), slot: 0, hash: 0));
    }

    private static Assignment Row(int bucket, int slot, string owner) =>
        new(new SlotKey(new BucketKey("j", bucket), slot), 2, owner, "", Now.AddHours(-1), 1, 1, "");

    private static ReplicaPartners Read(params Assignment[] rows)
    {
        var partners = new ReplicaPartners("a");
        partners.Read(rows.ToDictionary(row => row.Slot), Now);
        return partners;
    }

    private static HashSet<string> Of(ReplicaPartners partners, int slot, ulong hash)
    {
        var nodes = new HashSet<string>();
        partners.Of(new ScrapeEnd("j", slot, hash, 1, 0, 1, true), Now, nodes);
        return nodes;
    }
}
