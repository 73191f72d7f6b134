namespace ScrapeCluster.Tests.RemoteWrite.StandIns;

/// <summary>Random schedules of both slots against what the receiver must have in the end.</summary>
public sealed class SpeechModelTests
{
    private const long Interval = SpeechWorld.IntervalMs;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    /// <summary>Both nodes live: scrapes fail and are missed on either side, alone and for long.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void BothLive_EachIntervalOnce_InOrder_AndEndedWhenBothFail(int seed)
    {
        var world = new SpeechWorld(seed);
        Spoil(world, mayMiss: true);
        world.Add("a", 0, world.Random.Next((int)Interval));
        world.Add("b", 1, world.Random.Next((int)Interval));
        world.Run(60 * Interval);
        var endsAt = world.NowMs;
        world.IsMissed = static (_, _) => false;
        world.IsGood = static (_, _) => false;
        world.Run(5 * Interval);

        AssertNothingIsMissing(world, endsAt, world.NowMs - (3 * Interval));
        AssertOnce(world, long.MaxValue);

        // What says that both failed may wait for the stand-in's scrape, when that was missed: nobody misses it.
        var late = world.Received.Where((scrape, i) => scrape.IsGood && world.Received.Take(i).Any(before => before.DueMs >= scrape.DueMs)).ToList();
        Assert.True(late.Count == 0, $"out of order: {string.Join("; ", late)}");

        // Whoever spoke last ends the series, with the next scrape that it makes.
        var last = world.Received.Last(scrape => scrape.IsGood);
        Assert.True(world.Received.Exists(scrape => scrape.HasMarkers && scrape.DueMs > last.DueMs), $"no markers after {last}");
    }

    /// <summary>The primary's node dies, with what it had not sent; another one goes on two seconds later.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void PrimaryDies_NothingIsMissing(int seed)
    {
        var world = new SpeechWorld(seed);
        Spoil(world, mayMiss: false);
        var phase = world.Random.Next((int)Interval);
        var a = world.Add("a", 0, phase);
        var b = world.Add("b", 1, world.Random.Next((int)Interval));
        world.Run((20 * Interval) + world.Random.Next(2 * (int)Interval));
        var diedAt = world.NowMs;
        a.Die();
        world.Run(1_000);
        b.HearOfDeath("a");
        world.Run(1_000 + world.Random.Next((int)Interval));
        world.Add("c", 0, phase);
        world.Run(20 * Interval);

        AssertNothingIsMissing(world, world.NowMs, world.NowMs - (3 * Interval), ofDead: scrape => scrape.Slot == 0 && scrape.DueMs <= diedAt);
        AssertOnce(world, diedAt - (3 * Interval));

        // Of an interval that the dead one had good, nobody says that the target was down, whether the receiver has it or not.
        var wereUp = world.Made.Where(scrape => scrape.Slot == 0 && scrape.IsGood && scrape.DueMs < diedAt - 3_000).Select(scrape => WindowOf(scrape.DueMs, phase % Interval)).ToHashSet();
        Assert.DoesNotContain(world.Received, scrape => scrape is { Slot: 1, IsGood: false } && wereUp.Contains(WindowOf(scrape.DueMs, phase % Interval)));

        // Who spoke last, the new owner does not know: while both fail from before, both say so.
        AssertOnce(world, long.MaxValue, diedAt + (5 * Interval), onlyGood: true);
        Assert.True(b.Kept < 8, $"{b.Kept} scrapes are kept");
    }

    /// <summary>Nobody declares it dead, and nobody takes over.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void PrimaryFallsSilent_TheStandInGoesOnAlone(int seed)
    {
        var world = new SpeechWorld(seed);
        var a = world.Add("a", 0, world.Random.Next((int)Interval));
        world.Add("b", 1, world.Random.Next((int)Interval));
        world.Run((5 * Interval) + world.Random.Next(2 * (int)Interval));
        a.Die();
        world.Run(20 * Interval);

        AssertNothingIsMissing(world, world.NowMs, world.NowMs - (3 * Interval), ofDead: scrape => scrape.Slot == 0);
    }

    /// <summary>Runs of good and failed scrapes, the slots apart.</summary>
    private static void Spoil(SpeechWorld world, bool mayMiss)
    {
        var mood = new[] { true, true };
        world.IsGood = (slot, _) =>
        {
            mood[slot] = world.Random.Next(4) == 0 ? world.Random.Next(2) == 0 : mood[slot];
            return mood[slot];
        };

        // Who has never said anything is not waited for.
        var from = world.NowMs + (5 * Interval);
        world.IsMissed = (_, due) => mayMiss && due > from && world.Random.Next(12) == 0;
    }

    /// <summary>The primary's interval: its own scrape at p, the stand-in's in (p - interval, p].</summary>
    private static void AssertNothingIsMissing(SpeechWorld world, long goodUntil, long until, Func<MadeScrape, bool>? ofDead = null)
    {
        var phase = world.Made.First(scrape => scrape.Slot == 0).DueMs % Interval;
        foreach (var window in world.Made.Where(scrape => scrape.DueMs < Math.Min(goodUntil, until)).GroupBy(scrape => WindowOf(scrape.DueMs, phase)))
        {
            if (window.Any(scrape => scrape.IsGood && ofDead?.Invoke(scrape) != true))
            {
                Assert.True(
                    world.Received.Exists(scrape => scrape.IsGood && WindowOf(scrape.DueMs, phase) == window.Key),
                    $"nothing arrived of {string.Join(", ", window)}");
            }
        }
    }

    private static void AssertOnce(SpeechWorld world, long until, long from = 0, bool onlyGood = false)
    {
        var phase = world.Made.First(scrape => scrape.Slot == 0).DueMs % Interval;
        foreach (var window in world.Received.Where(scrape => (scrape.IsGood || !onlyGood) && scrape.DueMs >= from && scrape.DueMs < until).GroupBy(scrape => WindowOf(scrape.DueMs, phase)))
        {
            Assert.True(window.Count() == 1, $"twice: {string.Join(", ", window)}");
        }
    }

    private static long WindowOf(long due, long phase) => (long)Math.Ceiling((double)(due - phase) / Interval);
}
