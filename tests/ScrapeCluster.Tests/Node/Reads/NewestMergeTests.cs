using ScrapeCluster.Model;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Node.Reads;

public sealed class NewestMergeTests
{
    private const int IntervalMs = 10_000;
    private static readonly ReplicaLabel Replica = new("__replica__");

    [Fact]
    public void Merge_OldOwnersLastSample_DoesNotReviveWhatTheNewOwnerEnded()
    {
        Assert.Empty(Merge(Sample("a", 1_000, 1), Sample("a", 2_000, SpecialValues.StaleNaN)));
        Assert.Equal([3_000L], Merge(Sample("a", 3_000, 1), Sample("a", 2_000, SpecialValues.StaleNaN)).Select(sample => sample.TimestampMs));
    }

    [Fact]
    public void Merge_MarkerAndSampleOfOneInstant_IsTheMarker()
    {
        Assert.Empty(Merge(Sample("a", 1_000, SpecialValues.StaleNaN), Sample("a", 1_000, 1)));
    }

    [Fact]
    public void Merge_TwoSlots_GivesTheLowestOfThem()
    {
        var merged = Merge(Slot("1", 9_000, 2), Slot("0", 1_000, 1));

        Assert.Equal([new LatestSample(Labels.Of(("__name__", "a")), 1_000, 1)], merged);
    }

    [Theory]
    [InlineData(1_000 + 15_000, 1)] // one and a half intervals behind: still the lower one
    [InlineData(1_000 + 15_001, 2)] // a hole
    public void Merge_LowerSlotBehind_IsAHoleAfterOneAndAHalfIntervals(long otherMs, double value)
    {
        Assert.Equal([value], Merge(Slot("0", 1_000, 1), Slot("1", otherMs, 2)).Select(sample => sample.Value));
    }

    [Fact]
    public void Merge_LowerSlotEnded_TheOtherGoesOn()
    {
        // The lower slot's node cannot reach the target; its marker must not make a gap.
        Assert.Equal([2.0], Merge(Slot("0", 12_000, SpecialValues.StaleNaN), Slot("1", 9_000, 2)).Select(sample => sample.Value));
    }

    [Fact]
    public void Merge_BothSlotsEnded_IsNothing()
    {
        Assert.Empty(Merge(Slot("0", 12_000, SpecialValues.StaleNaN), Slot("1", 17_000, SpecialValues.StaleNaN)));
    }

    [Fact]
    public void Merge_SlotThatStoppedLongBeforeTheOtherEnded_DoesNotRevive()
    {
        Assert.Empty(Merge(Slot("0", 60_000, SpecialValues.StaleNaN), Slot("1", 9_000, 2)));
    }

    [Fact]
    public void Merge_TenthSlot_ComesAfterTheSecond()
    {
        Assert.Equal([2.0], Merge(Slot("10", 1_000, 10), Slot("2", 1_000, 2)).Select(sample => sample.Value));
    }

    /// <summary>
    /// Against a model that has all samples of all nodes in one list and walks through it in order of time: two slots of one series, each moved between nodes at
    /// random, with missed scrapes, failed ones, doubles at hand-overs, and nodes that are behind.
    /// </summary>
    [Fact]
    public void Merge_RandomHistories_AreWhatOneListOfAllSamplesSays()
    {
        var random = new Random(20_240_417);
        for (var round = 0; round < 5_000; round++)
        {
            var slots = 1 + random.Next(3);
            var nodes = 1 + random.Next(4);
            var histories = Enumerable.Range(0, slots).Select(slot => History(random, nodes, slot)).ToList();
            var atMs = random.Next(0, 20 * IntervalMs);
            const int LookbackMs = 12 * IntervalMs;

            var merged = NewestMerge.Merge(
                Shuffled(random, histories.SelectMany((history, slot) => AnswersOf(history, slot, nodes, atMs, LookbackMs))), Replica, TimeSpan.FromMilliseconds(IntervalMs)).ToList();

            Assert.Equal(Model(histories, atMs, LookbackMs), merged.Select(sample => (sample.TimestampMs, sample.Value)).SingleOrDefault());
            Assert.All(merged, sample => Assert.False(sample.Labels.Has("__replica__"u8)));
        }
    }

    private sealed record Stored(int Node, long TimestampMs, double Value);

    private static List<Stored> History(Random random, int nodes, int slot)
    {
        var history = new List<Stored>();
        var owner = random.Next(nodes);
        for (long due = slot * 3_000; due < 20 * IntervalMs; due += IntervalMs)
        {
            var next = random.Next(8) == 0 ? random.Next(nodes) : owner;
            var value = random.Next(6) == 0 ? SpecialValues.StaleNaN : random.Next(1, 100);
            if (random.Next(6) != 0)
            {
                history.Add(new Stored(next, due, value));
                if (next != owner)
                {
                    // A failure at the hand-over: both scraped, and one may have found what the other did not.
                    history.Add(new Stored(owner, due, random.Next(3) == 0 ? SpecialValues.StaleNaN : value));
                }
            }

            owner = next;
        }

        return history;
    }

    /// <summary>What each node says: its own newest sample in the window, with its spacing.</summary>
    private static IEnumerable<NewestSample> AnswersOf(List<Stored> history, int slot, int nodes, long atMs, long lookbackMs)
    {
        for (var node = 0; node < nodes; node++)
        {
            var own = history.Where(stored => stored.Node == node && stored.TimestampMs > atMs - lookbackMs && stored.TimestampMs <= atMs).ToList();
            if (own.Count > 0)
            {
                yield return Slot($"{slot}", own[^1].TimestampMs, own[^1].Value, own.Count > 1 ? IntervalMs : 0);
            }
        }
    }

    /// <summary>The rule, said plainly: what each slot says at the end, which of them are behind, the lowest that is left and lives.</summary>
    private static (long TimestampMs, double Value) Model(List<List<Stored>> histories, long atMs, long lookbackMs)
    {
        var words = new List<(long TimestampMs, double Value)?>();
        foreach (var history in histories)
        {
            (long TimestampMs, double Value)? word = null;
            foreach (var stored in history.Where(stored => stored.TimestampMs > atMs - lookbackMs && stored.TimestampMs <= atMs))
            {
                var ends = word is { } known && known.TimestampMs == stored.TimestampMs && SpecialValues.IsStaleNaN(known.Value);
                var isSmaller = word is { } twin && twin.TimestampMs == stored.TimestampMs && !SpecialValues.IsStaleNaN(stored.Value) && stored.Value < twin.Value;
                word = ends || isSmaller ? word : (stored.TimestampMs, stored.Value);
            }

            words.Add(word);
        }

        var newestMs = words.Max(word => word?.TimestampMs ?? long.MinValue);
        foreach (var word in words)
        {
            if (word is { } said && !SpecialValues.IsStaleNaN(said.Value) && said.TimestampMs + (IntervalMs * 3 / 2) >= newestMs)
            {
                return said;
            }
        }

        return default;
    }

    private static NewestSample[] Shuffled(Random random, IEnumerable<NewestSample> samples)
    {
        var shuffled = samples.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }

    private static List<LatestSample> Merge(params NewestSample[] samples)
    {
        return [.. NewestMerge.Merge(samples, Replica, TimeSpan.FromMinutes(1))];
    }

    private static NewestSample Sample(string name, long timestampMs, double value) => new(Labels.Of(("__name__", name)), timestampMs, value, IntervalMs);

    private static NewestSample Slot(string slot, long timestampMs, double value, long spacingMs = IntervalMs)
    {
        return new NewestSample(Labels.Of(("__name__", "a"), ("__replica__", slot)), timestampMs, value, spacingMs);
    }
}
