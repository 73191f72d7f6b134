using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Tests.Node;

public sealed class SettledHeapTests
{
    private const long Unit = SettledHeap.SmallestBytes;

    private readonly SettledHeap _heap = new();

    [Fact]
    public void IsDue_WhileItFloods_IsNot_OnceItStandsStill_Is()
    {
        Assert.False(_heap.IsDue(Unit, 4 * Unit));
        Assert.False(_heap.IsDue(3 * Unit, 8 * Unit));
        Assert.True(_heap.IsDue(3 * Unit, 9 * Unit));
    }

    [Fact]
    public void IsDue_SmallHeap_IsNot() => Assert.False(_heap.IsDue(Unit - 1, 0));

    [Fact]
    public void IsDue_AfterATidying_OnlyWhenItHasGrownByHalf()
    {
        _heap.Tidied(2 * Unit);
        Assert.False(_heap.IsDue(3 * Unit, 0));
        Assert.True(_heap.IsDue((3 * Unit) + 1, 0));
    }
}
