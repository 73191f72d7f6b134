using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Tests.Storage.Head;

public sealed class MetadataTableTests
{
    [Fact]
    public void RandomSetsAndForgets_AgreeWithADictionary_AndKeepOnlyWhatIsUsed()
    {
        var random = new Random(4);
        var table = new MetadataTable();
        var expected = new Dictionary<uint, MetricMetadata>();
        for (var step = 0; step < 20_000; step++)
        {
            var row = (uint)random.Next(1, 200) * 97;
            if (random.Next(3) == 0)
            {
                table.Forget(row);
                expected.Remove(row);
            }
            else
            {
                var metadata = new MetricMetadata(MetricType.Gauge, $"{random.Next(50)}", "");
                var isNew = !expected.TryGetValue(row, out var known) || known != metadata;
                Assert.Equal(isNew, table.Set(row, metadata));
                expected[row] = metadata;
            }

            Assert.Equal(expected.GetValueOrDefault(row), table[row]);
        }

        Assert.All(expected, pair => Assert.Equal(pair.Value, table[pair.Key]));
        Assert.Equal(expected.Values.Distinct().Count(), table.Count);
    }
}
