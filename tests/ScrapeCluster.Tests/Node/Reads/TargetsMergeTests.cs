using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Node.Reads;

public sealed class TargetsMergeTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);

    [Fact]
    public void Merge_TwoNodesWithOneTarget_TheOwnersWordCounts()
    {
        // The old owner still scrapes, later than the new one, as it has not read the row yet.
        var merged = Merge(Row("b", "a", Now.AddSeconds(-1)), Part("a", State(1, Now)), Part("b", State(1, Now.AddSeconds(-5))));

        Assert.Equal(["b"], merged.Select(target => target.Node));
    }

    [Fact]
    public void Merge_BeforeTheInstantOfTheMove_TheOldOwnersWordCounts()
    {
        var merged = Merge(Row("b", "a", Now.AddSeconds(1)), Part("a", State(1, Now.AddSeconds(-5))), Part("b", State(1, null)));

        Assert.Equal(["a"], merged.Select(target => target.Node));
    }

    [Fact]
    public void Merge_OwnerIsMissing_TheLastThatScrapedCounts()
    {
        var merged = Merge(Row("c", "", Now), Part("a", State(1, null)), Part("b", State(1, Now)));

        Assert.Equal(["b"], merged.Select(target => target.Node));
    }

    [Fact]
    public void Merge_SlotsOfOneTarget_AreAllThere()
    {
        var merged = Merge(null, Part("a", State(1, Now, slot: 1)), Part("b", State(1, Now)));

        Assert.Equal([0, 1], merged.Select(target => target.Part.Target.Slot));
    }

    [Fact]
    public void Merge_RandomParts_EachTargetOnceInOrderAndFromItsOwnerWhereHeHasIt()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var row = Row("n1", "n2", random.Next(2) == 0 ? Now : Now.AddSeconds(5));
            var parts = Enumerable.Range(0, 2 + random.Next(3))
                .Select(node => Part($"n{node}", [.. Enumerable.Range(1, 20).Where(_ => random.Next(2) == 0).Select(hash => State((ulong)hash, Now.AddSeconds(-random.Next(20)), random.Next(2)))]))
                .ToArray();

            var merged = Merge(row, parts);

            var owner = SlotOwners.OwnerAt(row, Now);
            var expected = parts.SelectMany(part => part.Part.Select(state => (part.Node, state))).GroupBy(entry => entry.state.Key).ToList();
            Assert.Equal(expected.Count, merged.Count);
            Assert.All(expected, group =>
            {
                var chosen = merged.Single(target => target.Part.Key == group.Key);
                var best = group.Any(entry => entry.Node == owner) ? [owner] : group.Where(entry => entry.state.Target.LastScrape == group.Max(other => other.state.Target.LastScrape)).Select(entry => entry.Node);
                Assert.Contains(chosen.Node, best);
            });
            Assert.Equal(merged.OrderBy(target => target.Part.Target.Hash).ThenBy(target => target.Part.Target.Slot), merged);
        }
    }

    [Fact]
    public void Wire_State_ComesBackAsItWas()
    {
        var state = State(42, Now) with { Families = [new FamilyTexts("m", [new MetricMetadata(MetricType.Counter, "Help.", "s"), new MetricMetadata(MetricType.Gauge, "", "")])] };

        var back = TargetsWire.Read(Google.Protobuf.MessageExtensions.ToByteString(TargetsWire.Write([state]))).Single();

        Assert.Equal(state.Target, back.Target);
        Assert.Equal(state.Families[0].Texts, back.Families[0].Texts);
    }

    private static IReadOnlyList<NodePart<TargetState>> Merge(Assignment? row, params NodePart<IReadOnlyList<TargetState>>[] parts)
    {
        return TargetsMerge.Merge(parts, _ => row, Now);
    }

    private static Assignment Row(string owner, string previous, DateTimeOffset effectiveAt)
    {
        return new Assignment(new SlotKey(new BucketKey("job", 0), 0), 1, owner, previous, effectiveAt, 1, 1, "");
    }

    private static NodePart<IReadOnlyList<TargetState>> Part(string node, params TargetState[] states) => new(node, states);

    private static TargetState State(ulong hash, DateTimeOffset? lastScrape, int slot = 0)
    {
        var snapshot = new TargetSnapshot(
            "job", slot, hash, Labels.Of(("instance", "x")), Labels.Of(("__address__", "x:80")), $"http://x{hash:00}:80/", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5),
            TargetHealth.Up, "", lastScrape, TimeSpan.FromMilliseconds(3), 7, lastScrape?.AddSeconds(10), 2);
        return new TargetState(snapshot, []);
    }
}
