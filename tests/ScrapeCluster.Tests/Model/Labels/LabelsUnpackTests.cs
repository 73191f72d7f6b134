using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.LabelSets;

public sealed class LabelsUnpackTests
{
    [Fact]
    public void TryUnpack_PackedSets_ComeBackEqual()
    {
        foreach (var labels in (Labels[])[Labels.Empty, Labels.Of(("a", "b")), Labels.Of(("a", new string('x', 254)), ("b", new string('y', 70_000)), ("c", "z"))])
        {
            Assert.True(Labels.TryUnpack(labels.Packed, out var back));
            Assert.Equal(labels, back);
            Assert.Equal(labels.Count, back.Count);
        }
    }

    [Fact]
    public void TryUnpack_EveryCutAndEveryChangedLength_IsRefusedOrAnotherValidSet()
    {
        var packed = Labels.Of(("a", "1"), ("bb", "22"), ("ccc", new string('x', 300))).Packed.ToArray();
        for (var at = 0; at < packed.Length; at++)
        {
            var cut = Labels.TryUnpack(packed.AsSpan(0, at), out var shorter);
            Assert.True(!cut || shorter!.Count < 3);
            var changed = packed.ToArray();
            changed[at] ^= 0xFF;
            if (Labels.TryUnpack(changed, out var other))
            {
                Assert.Equal(Labels.Of([.. other.ToPairs().Select(pair => (pair.Key, pair.Value))]).Count, other.Count);
            }
        }
    }

    [Fact]
    public void TryUnpack_NamesOutOfOrderOrEmptyValues_AreRefused()
    {
        Assert.False(Labels.TryUnpack([1, (byte)'b', 1, (byte)'x', 1, (byte)'a', 1, (byte)'x'], out _));
        Assert.False(Labels.TryUnpack([1, (byte)'a', 1, (byte)'x', 1, (byte)'a', 1, (byte)'x'], out _));
        Assert.False(Labels.TryUnpack([1, (byte)'a', 0], out _));
    }
}
