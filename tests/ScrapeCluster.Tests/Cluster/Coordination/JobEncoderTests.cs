using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Coordination;

public sealed class JobEncoderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void AnySequenceOfChanges_GivesTheSameSetsAsAWholeEncode(int seed)
    {
        var random = new Random(seed);
        var targets = Enumerable.Range(0, 60).Select(number => Target((ulong)number, "v0")).ToList();
        var (count, fault) = (4, (string?)null);
        EncodedJob? last = null;
        for (var step = 0; step < 300; step++)
        {
            (targets, count, fault) = Change(random, targets, count, fault, step);
            var job = new JobTargets("job", [.. targets.Select(Copy)], fault);
            var whole = JobEncoder.Encode(job, count, last: null);
            var encoded = JobEncoder.Encode(job, count, last);

            Assert.Equal(whole.Buckets.Select(bucket => bucket.Set.Checksum), encoded.Buckets.Select(bucket => bucket.Set.Checksum));
            Assert.All(whole.Buckets.Zip(encoded.Buckets), pair => Assert.Equal(pair.First.Set.Packed, pair.Second.Set.Packed));
            Assert.Equal(whole.Buckets.Select(bucket => (bucket.Targets.Count, bucket.SlowestInterval)), encoded.Buckets.Select(bucket => (bucket.Targets.Count, bucket.SlowestInterval)));
            last = encoded;
        }
    }

    [Fact]
    public void OneTargetChanged_PacksItsBucketOnly()
    {
        var targets = Enumerable.Range(0, 100).Select(number => Target((ulong)number, "v0")).ToList();
        var before = JobEncoder.Encode(new JobTargets("job", targets, null), 8, last: null);
        var after = JobEncoder.Encode(new JobTargets("job", [.. targets.Select(target => target.Hash == 13 ? Target(13, "v1") : Copy(target)).Reverse()], null), 8, before);

        var packed = Enumerable.Range(0, 8).Where(bucket => !ReferenceEquals(before.Buckets[bucket].Set.Packed, after.Buckets[bucket].Set.Packed));
        Assert.Equal([BucketKey.Of(13, 8)], packed);
    }

    [Fact]
    public void NothingOfTheJobBefore_IsKept()
    {
        var before = JobEncoder.Encode(new JobTargets("job", [Target(1, "v0")], null), 1, last: null);
        var target = Target(1, "v0");
        var after = JobEncoder.Encode(new JobTargets("job", [target], null), 1, before);

        Assert.Same(target, Assert.Single(after.Buckets[0].Targets));
    }

    private static (List<ScrapeTarget> Targets, int Count, string? Fault) Change(Random random, List<ScrapeTarget> targets, int count, string? fault, int step)
    {
        var at = random.Next(targets.Count + 1);
        switch (random.Next(8))
        {
            case 0 or 1:
                targets = [.. targets.Where(target => target.Hash != (ulong)at), Target((ulong)at, $"v{step}")];
                break;
            case 2:
                targets = [.. targets.Take(at), .. targets.Skip(at + 1)];
                break;
            case 3:
                targets = [.. targets.Select((target, number) => number == at ? target with { Interval = TimeSpan.FromSeconds(random.Next(1, 60)) } : target)];
                break;
            case 4:
                targets = [.. targets.OrderBy(_ => random.Next())];
                break;
            case 5:
                targets = [.. targets.Select((target, number) => number == at ? target with { DiscoveredLabels = Labels.Of(("__meta_step", $"{step}")) } : target)];
                break;
            case 6:
                fault = random.Next(3) == 0 ? "too many targets" : null;
                break;
            default:
                count = random.Next(4) == 0 ? 1 << random.Next(5) : count;
                break;
        }

        return (targets, count, fault);
    }

    /// <summary>The manager makes all targets of a job anew.</summary>
    private static ScrapeTarget Copy(ScrapeTarget target) => target with { Labels = Labels.Of([.. target.Labels.ToPairs().Select(label => (label.Key, label.Value))]) };

    private static ScrapeTarget Target(ulong hash, string version) => new()
    {
        Labels = Labels.Of(("instance", $"host-{hash}"), ("version", version)),
        AllLabels = Labels.Of(("__address__", $"host-{hash}"), ("version", version)),
        DiscoveredLabels = Labels.Of(("__address__", $"host-{hash}")),
        Url = $"http://host-{hash}/metrics",
        Interval = TimeSpan.FromSeconds(15),
        Timeout = TimeSpan.FromSeconds(10),
        Hash = hash,
    };
}
