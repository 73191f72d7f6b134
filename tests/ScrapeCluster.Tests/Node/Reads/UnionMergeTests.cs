using ScrapeCluster.Model;
using ScrapeCluster.Node.Api;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Node.Reads;

/// <summary>Nodes cut their parts, the asked node merges and cuts again: that must be what one node with everything would answer.</summary>
public sealed class UnionMergeTests
{
    [Fact]
    public void Texts_CutByEveryNode_AreTheFirstOfAll()
    {
        var random = new Random(11);
        for (var round = 0; round < 2_000; round++)
        {
            var limit = random.Next(8);
            var nodes = Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Texts(random)).ToList();

            var merged = TextsQuestion.Merge([.. nodes.Select((texts, node) => new NodePart<IReadOnlyList<string>>($"n{node}", Selectors.Head(texts, limit)))]);

            AssertSame(nodes.SelectMany(texts => texts).Distinct().Order(StringComparer.Ordinal), merged, limit);
        }
    }

    [Fact]
    public void Series_CutByEveryNode_AreTheFirstOfAll()
    {
        var random = new Random(12);
        for (var round = 0; round < 2_000; round++)
        {
            var limit = random.Next(8);
            var nodes = Enumerable.Range(0, 1 + random.Next(4))
                .Select(_ => (IReadOnlyList<Labels>)[.. Texts(random).Select(text => Labels.Of(("__name__", text), ("a", $"{random.Next(3)}"))).Order(LabelsOrder.Instance)])
                .ToList();

            var merged = SeriesQuestion.Merge([.. nodes.Select((series, node) => new NodePart<IReadOnlyList<Labels>>($"n{node}", Selectors.Head(series, limit)))]);

            AssertSame(nodes.SelectMany(series => series).Distinct().Order(LabelsOrder.Instance), merged, limit);
        }
    }

    [Fact]
    public void Metadata_OfSeveralNodes_HasEachTextOnce()
    {
        var counter = new MetricMetadata(MetricType.Counter, "Things.", "");
        var gauge = new MetricMetadata(MetricType.Gauge, "Things.", "");
        NodePart<IReadOnlyList<FamilyTexts>>[] parts =
        [
            new("n1", [new FamilyTexts("b", [counter])]),
            new("n2", [new FamilyTexts("a", [gauge]), new FamilyTexts("b", [counter, gauge])]),
        ];

        var merged = MetadataQuestion.Merge(parts);

        Assert.Equal(["a", "b"], merged.Select(family => family.Name));
        Assert.Equal([counter, gauge], merged[1].Texts);
    }

    [Fact]
    public void ReplicaLabel_OfOthers_IsLeftAlone()
    {
        var labels = Labels.Of(("__name__", "m"), ("replica", "1"));

        Assert.Equal(labels, ReplicaLabel.None.Without(labels));
        Assert.Equal(labels, new ReplicaLabel("__replica__").Without(labels));
        Assert.Equal(Labels.Of(("__name__", "m")), new ReplicaLabel("replica").Without(labels));
    }

    private static void AssertSame<T>(IEnumerable<T> everything, IReadOnlyList<T> merged, int limit)
    {
        var parameters = new SelectorParameters([], 0, 0, limit);
        var expected = parameters.Cut<T>([.. everything]);
        var actual = parameters.Cut(merged);

        Assert.Equal(expected.Items, actual.Items);
        Assert.Equal(expected.Warnings, actual.Warnings);
    }

    private static IReadOnlyList<string> Texts(Random random)
    {
        return [.. Enumerable.Range(0, random.Next(10)).Select(_ => $"t{random.Next(15):00}").Distinct().Order(StringComparer.Ordinal)];
    }
}
