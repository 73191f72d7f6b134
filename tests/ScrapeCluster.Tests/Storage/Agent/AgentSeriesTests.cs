using ScrapeCluster.Model;
using ScrapeCluster.Storage.Agent;

namespace ScrapeCluster.Tests.Storage.Agent;

public sealed class AgentSeriesTests
{
    [Fact]
    public void AddFindRemove_Random_AsADictionary()
    {
        var random = new Random(3);
        var series = new AgentSeries();
        var model = new Dictionary<LabelsKey, ulong>();
        for (var step = 0; step < 200_000; step++)
        {
            // Some 25 keys have one low half, so that probing has something to do; halves lie apart, or it would have nothing else.
            var key = new LabelsKey((ulong)random.Next(50), (ulong)random.Next(3000) * 64);
            var row = series.Find(key);
            Assert.Equal(model.ContainsKey(key), row != AgentSeries.None);
            if (row == AgentSeries.None)
            {
                model[key] = series.Refs.Next();
                series.Add(key, series.Refs.Next());
            }
            else
            {
                Assert.Equal(model[key], series.Ref(row));
                Assert.Equal(row, series.Refs.Find(model[key]));
                if (random.Next(2) == 0)
                {
                    series.Remove(row);
                    Assert.Equal(AgentSeries.None, series.Refs.Find(model[key]));
                    model.Remove(key);
                }
            }

            Assert.Equal(model.Count, series.Count);
        }
    }

    [Fact]
    public void KeyOf_EqualLabels_AreEqual_OthersAreNot()
    {
        Assert.Equal(LabelsKey.Of(Labels.Of(("a", "b"), ("c", "d"))), LabelsKey.Of(Labels.Of(("c", "d"), ("a", "b"))));
        Assert.NotEqual(LabelsKey.Of(Labels.Of(("a", "bc"))), LabelsKey.Of(Labels.Of(("ab", "c"))));
    }

    /// <summary>A million of them must leave room for everything else in 350 MB.</summary>
    [Fact]
    public void Add_ManySeries_FewBytesEach()
    {
        const int Count = 200_000;
        var series = new AgentSeries();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Count; i++)
        {
            series.Add(new LabelsKey((ulong)i * 0x9E3779B97F4A7C15, (ulong)i * 0xC2B2AE3D27D4EB4F), (ulong)i + 1);
        }

        // Also what growing threw away.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Count, 1, 70);
        GC.KeepAlive(series);
    }
}
