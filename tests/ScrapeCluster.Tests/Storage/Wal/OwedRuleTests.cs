using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Wal;

public sealed class OwedRuleTests
{
    private const long Hour = 3_600_000;
    private const long NowMs = 1000 * Hour;

    private static readonly OwedLimits Unlimited = new() { MaxBytes = 0, MaxAge = TimeSpan.Zero };

    /// <summary>Segments 3 to 7 of 100 bytes, written 5 to 1 hours ago.</summary>
    private static readonly OldSegment[] Old = [.. Enumerable.Range(3, 5).Select(number => new OldSegment(number, 100, NowMs - ((8 - number) * Hour)))];

    [Fact]
    public void Surplus_NothingOwed_AllGoAndNothingCountsAsDropped()
    {
        Assert.Equal(Old.Select(segment => new OldSegmentVerdict(segment, null)), Surplus(null, Unlimited));
    }

    [Fact]
    public void Surplus_WithinLimits_OnlyWhatIsBeforeTheLowestPlaceGoes()
    {
        Assert.Equal([(3, null), (4, null)], Numbers(Surplus(new WalPosition(5, 99), Unlimited)));
        Assert.Empty(Surplus(new WalPosition(2, 0), Unlimited));
        Assert.Empty(Surplus(new WalPosition(3, 0), new OwedLimits { MaxBytes = 550, MaxAge = TimeSpan.FromHours(5) }));
    }

    [Fact]
    public void Surplus_TooManyBytes_OldestGoUntilTheRestFits_AndNewerOnesCount()
    {
        var limits = Unlimited with { MaxBytes = 350 };
        Assert.Equal([(3, OwedSurplus.TooMuch), (4, OwedSurplus.TooMuch)], Numbers(Surplus(new WalPosition(3, 0), limits)));
        Assert.Equal([(3, null), (4, OwedSurplus.TooMuch)], Numbers(Surplus(new WalPosition(4, 0), limits)));
        Assert.Equal([(3, null), (4, null)], Numbers(Surplus(new WalPosition(5, 0), limits)));

        // What a start needs stays, and leaves no room for the others.
        Assert.Equal(5, Surplus(new WalPosition(3, 0), limits, newerBytes: 400).Count);
    }

    [Fact]
    public void Surplus_TooOld_OldestGo_ButNotBeforeAllQueuesAreKnown()
    {
        var limits = Unlimited with { MaxAge = TimeSpan.FromHours(3) };
        Assert.Equal([(3, OwedSurplus.TooOld), (4, OwedSurplus.TooOld)], Numbers(Surplus(new WalPosition(0, 0), limits)));
        Assert.Empty(Surplus(new WalPosition(0, 0), limits, isAgeKnown: false));
    }

    /// <summary>A clock that was set back: nothing goes before its time, and the size is a limit all the same.</summary>
    [Fact]
    public void Surplus_WrittenInTheFuture_IsNotOld()
    {
        OldSegment[] future = [.. Old.Select(segment => segment with { WrittenMs = NowMs + Hour })];
        Assert.Empty(OwedRule.Surplus(future, 0, new WalPosition(3, 0), true, Unlimited with { MaxAge = TimeSpan.FromHours(1) }, NowMs, 0));
    }

    [Fact]
    public void Surplus_OverTheRetentionSize_AsManyGoAsHelp_ThoseThatNobodyNeedsCounted()
    {
        Assert.Equal([(3, null), (4, null), (5, OwedSurplus.OverRetention)], Numbers(Surplus(new WalPosition(5, 0), Unlimited, overBytes: 201)));
        Assert.Equal([(3, null), (4, null)], Numbers(Surplus(new WalPosition(5, 0), Unlimited, overBytes: 200)));
        Assert.Equal(5, Surplus(new WalPosition(3, 0), Unlimited, overBytes: 10_000).Count);
    }

    private static List<OldSegmentVerdict> Surplus(WalPosition? lowest, OwedLimits limits, long newerBytes = 50, bool isAgeKnown = true, long overBytes = 0) =>
        OwedRule.Surplus(Old, newerBytes, lowest, isAgeKnown, limits, NowMs, overBytes);

    private static IEnumerable<(int, OwedSurplus?)> Numbers(List<OldSegmentVerdict> verdicts) => verdicts.Select(verdict => (verdict.Segment.Number, verdict.Surplus));
}
