using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Targets;

public sealed class ScrapePhaseTests
{
    private static readonly DateTimeOffset Now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);

    [Fact]
    public void Offset_KnownTarget_IsTheOneComputedApart()
    {
        var seed = OffsetSeed.Of(ScrapeCluster.Model.Labels.Empty);

        Assert.Equal(TimeSpan.FromTicks(12_051_858), ScrapePhase.Offset(8017172212752706590, seed, TimeSpan.FromSeconds(15), Now));
    }

    [Fact]
    public void Offset_TenThousandTargets_SpreadEvenly()
    {
        var interval = TimeSpan.FromSeconds(10);
        var template = new TargetTemplate { JobName = "j" };
        var scratch = new LabelsBuilder();
        var buckets = new int[10];
        for (var i = 0; i < 10_000; i++)
        {
            var labels = ScrapeCluster.Model.Labels.Of(("__address__", "example.com:80"), ("label", i.ToString()));
            var target = Assert.IsType<TargetOutcome.Active>(TargetBuilder.Build(template, ScrapeCluster.Model.Labels.Empty, labels, scratch)).Target;
            var offset = ScrapePhase.Offset(target.Hash, 0, interval, DateTimeOffset.UnixEpoch);
            buckets[Math.Min(9, (int)offset.TotalSeconds)]++;
        }

        Assert.All(buckets, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Offset_AnyMoment_PointsToTheSamePhase()
    {
        var interval = TimeSpan.FromSeconds(7);
        var random = new Random(1);
        var expected = Due(Now) % interval.Ticks;
        for (var i = 0; i < 1_000; i++)
        {
            var now = Now.AddTicks(random.NextInt64(TimeSpan.TicksPerDay));
            Assert.InRange(ScrapePhase.Offset(12345, 99, interval, now), TimeSpan.Zero, interval);
            // A phase between two ticks of 100 ns may fall to either side.
            Assert.InRange((Due(now) - expected) % interval.Ticks, -1, 1);
        }

        long Due(DateTimeOffset now) => (now + ScrapePhase.Offset(12345, 99, interval, now)).UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
    }

    [Fact]
    public void Of_OtherExternalLabelsOrSlot_IsAnotherSeed()
    {
        var one = ScrapeCluster.Model.Labels.Of(("replica", "ha1"));
        var two = ScrapeCluster.Model.Labels.Of(("replica", "ha2"));

        Assert.Equal(3, new HashSet<ulong> { OffsetSeed.Of(one), OffsetSeed.Of(two), OffsetSeed.Of(one, 1) }.Count);
        Assert.Equal(16939596764457161853ul, OffsetSeed.Of(ScrapeCluster.Model.Labels.Of(("a", "b"), ("c", "d")), 1));
    }
}
