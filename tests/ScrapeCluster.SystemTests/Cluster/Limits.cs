using ScrapeCluster.SystemTests.Cluster.Rig;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>What the project promises for every change that was planned.</summary>
internal static class Limits
{
    public const double MaxOverAverage = 1.05;
    public const double MovedOverIdeal = 1.05;
    public static readonly TimeSpan Shift = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until all is settled. Nothing missed, nothing doubled, receivers of remote write have it all and in order, phases kept, not more moved than must be, all even afterwards.</summary>
    public static async Task JudgePlannedAsync(TestCluster cluster, FaultWatch watch, string scenario, double ideal, IReadOnlyCollection<string> nodes)
    {
        var began = DateTimeOffset.UtcNow - (cluster.Now - watch.From);
        var after = await cluster.SettledAsync(nodes);
        var settled = DateTimeOffset.UtcNow;
        await cluster.ScrapesAsync(FaultTerms.Current.PhaseScrapes + 1, after);
        var (verdict, moved) = (watch.Verdict(), watch.Moved());
        var shift = await ShiftAsync(cluster, watch, after);
        new FaultRow(scenario, verdict)
        {
            Shift = shift,
            Moved = moved,
            Ideal = ideal,
            MaxOverAverage = cluster.MaxOverAverage(nodes),
        }.Write();
        verdict.AssertNothingMissed();
        verdict.AssertNothingDoubled();
        await cluster.Written.ReachesAsync(cluster.Targets.Count, settled);
        cluster.Written.AssertInOrder(began);
        cluster.Written.AssertNothingMissing(began, settled, cluster.Shape.Interval);
        Assert.InRange(shift, TimeSpan.Zero, Shift);
        Assert.InRange(cluster.MaxOverAverage(nodes), 1, MaxOverAverage);
        Assert.True(moved <= MovedOverIdeal * ideal, $"{moved:0} samples/s moved, {ideal:0} had to\n{await watch.EventsAsync()}");
    }

    /// <summary>A phase that has shifted stays so; what a machine under load sends late moves the median of a few scrapes, but not that of later ones.</summary>
    private static async Task<TimeSpan> ShiftAsync(TestCluster cluster, FaultWatch watch, TimeSpan after)
    {
        var shift = watch.Shift(after);
        for (var from = after; shift > Shift && from - after < Patience; shift = watch.Shift(from))
        {
            from = cluster.Now;
            await cluster.ScrapesAsync(FaultTerms.Current.PhaseScrapes + 1, from);
        }

        return shift;
    }
}
