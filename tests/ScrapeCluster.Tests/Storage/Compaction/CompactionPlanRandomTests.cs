using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Compaction;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>
/// Blocks of the head arrive one after another for weeks, some ranges without any, some late and across others; after each the plan is carried out
/// on paper to its end. Each block knows the minutes of samples that came into it.
/// </summary>
public sealed class CompactionPlanRandomTests
{
    private const int Hours = 24 * 30;

    private readonly PlannedBlocks _blocks = new();
    private readonly Dictionary<Ulid, HashSet<long>> _minutes = [];
    private List<BlockMeta> _present = [];
    private IReadOnlyList<long> _ranges = [];

    [Theory]
    [InlineData(1, 15, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(3, 15, 0.05)]
    [InlineData(4, 0, 0.2)]
    [InlineData(5, 3, 0.01)]
    public void Next_CarriedOutForWeeks_LosesNothingAndKeepsFewAlignedBlocks(int seed, int retentionDays, double lateShare)
    {
        var random = new Random(seed);
        _ranges = BlockRanges.For(TimeSpan.FromDays(retentionDays));
        var arrived = new HashSet<long>();
        for (var hour = 0; hour < Hours; hour += 2)
        {
            if (random.Next(20) == 0)
            {
                hour += 2 * random.Next(1, 20);
            }

            Arrive(arrived, hour + (random.Next(4) == 0 ? random.NextDouble() : 0), hour + 2);
            if (random.NextDouble() < lateShare)
            {
                var from = random.NextDouble() * hour;
                Arrive(arrived, from, from + 0.1 + (random.NextDouble() * 30));
            }

            CarryOut();
            Assert.True(arrived.SetEquals(_present.SelectMany(block => _minutes[block.Id])), $"samples are missing after hour {hour}");
        }

        Assert.True(_present.Count <= (Hours * PlannedBlocks.HourMs / _ranges[^1]) + (_ranges.Count * 3) + 30, PlannedBlocks.Text(_present));
    }

    private void Arrive(HashSet<long> arrived, double fromHours, double toHours)
    {
        var block = _blocks.Of(Math.Round(fromHours * 60) / 60, Math.Ceiling(toHours * 60) / 60);
        _minutes[block.Id] = [];
        for (var minute = block.MinMs / 60_000; minute < block.EndMs / 60_000; minute++)
        {
            _minutes[block.Id].Add(minute);
            arrived.Add(minute);
        }

        _present.Add(block);
    }

    private void CarryOut()
    {
        for (var steps = 0; ; steps++)
        {
            Assert.True(steps < 100, "the plan comes to no end");
            var newest = _present.MaxBy(block => block.MinMs)!;
            var planned = CompactionPlan.Next(_present.OrderBy(block => block.Id.GetHashCode()), _ranges);
            if (planned.Count == 0)
            {
                CheckNoOverlap();
                return;
            }

            Assert.True(planned.Count > 1);
            if (!OverlapAny(planned))
            {
                Assert.DoesNotContain(newest, planned);
                CheckAligned(planned);
            }

            Merge(planned);
        }
    }

    private void Merge(IReadOnlyList<BlockMeta> planned)
    {
        var header = BlockMerge.HeaderOf(Ulid.New(planned[0].MinMs, new Random(_minutes.Count)), planned);
        Assert.Equal(planned.Max(block => block.Compaction.Level) + 1, header.Level);
        var merged = new BlockMeta(
            header.Id, header.MinMs, header.EndMs, planned[0].Stats, new BlockCompaction(header.Level, header.Sources, header.Parents, false, false, []));
        Assert.Equal(planned.SelectMany(block => block.Compaction.Sources).Distinct().Order(), merged.Compaction.Sources);
        _minutes[merged.Id] = [.. planned.SelectMany(block => _minutes[block.Id])];
        Assert.All(_minutes[merged.Id], minute => Assert.InRange(minute * 60_000, merged.MinMs, merged.EndMs - 1));
        _present = [.. _present.Except(planned), merged];
    }

    private static bool OverlapAny(IReadOnlyList<BlockMeta> blocks) => blocks.Zip(blocks.Skip(1)).Any(pair => pair.Second.MinMs < pair.First.EndMs);

    private void CheckNoOverlap() => Assert.False(OverlapAny([.. _present.OrderBy(block => block.MinMs)]), PlannedBlocks.Text(_present));

    private void CheckAligned(IReadOnlyList<BlockMeta> planned)
    {
        Assert.Contains(_ranges, range => (planned[0].MinMs / range * range) + range >= planned.Max(block => block.EndMs));
        Assert.DoesNotContain(_present.Except(planned), other => other.MinMs > planned[0].MinMs && other.EndMs < planned[^1].EndMs);
    }
}
