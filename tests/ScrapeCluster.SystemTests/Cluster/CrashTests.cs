using ScrapeCluster.SystemTests.Cluster.Rig;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing.Exporter;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>
/// kill -9: the port refuses, so the leader (or, when it was the leader, a member) knows at once. Every target has another owner within two seconds, is scraped
/// at the next tick of its own phase, and the load is even again. The node that comes back is given its share without a missed or doubled scrape.
/// </summary>
[Collection(ClusterFixture.Name)]
public sealed class CrashTests(ClusterFixture fixture)
{
    internal const string TwoOfFiveScenario = "kill -9 of two of five, one of them the leader";
    private const int MissedAtMost = 3;
    private static readonly TimeSpan ReownedWithin = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Member()
    {
        FaultTerms.Current.RequireFull();
        for (var i = 0; i < FaultTerms.Current.MemberKills; i++)
        {
            await fixture.JudgeAsync(async cluster =>
            {
                var watch = await FaultWatch.BeginAsync(cluster);
                await CrashAsync(cluster, watch, "kill -9 of a member", watch.AnyMember(i));
            });
        }
    }

    [Fact]
    public async Task Leader()
    {
        FaultTerms.Current.RequireFull();
        for (var i = 0; i < FaultTerms.Current.LeaderKills; i++)
        {
            await fixture.JudgeAsync(async cluster =>
            {
                var watch = await FaultWatch.BeginAsync(cluster);
                await CrashAsync(cluster, watch, "kill -9 of the leader", watch.Leader.Node);
            });
        }
    }

    [Fact]
    public async Task TwoOfFive()
    {
        FaultTerms.Current.RequireFull();
        await fixture.JudgeAsync(async cluster =>
        {
            var watch = await FaultWatch.BeginAsync(cluster);
            await CrashAsync(cluster, watch, TwoOfFiveScenario, watch.AnyMember(1), watch.Leader.Node);
        });
    }

    /// <summary>
    /// What a node takes with it, shown by one crash, which itself is judged as any. Its last samples lie there: only the adopter can say that a series ended. And what it
    /// has not sent it sends when it is back, where late samples are taken.
    /// </summary>
    [Fact]
    public async Task SeriesThatVanishes_GetsItsMarker_AndUnsentSamplesComeLateWhereTheyMay()
    {
        Tools.Require("promtool");
        await fixture.JudgeAsync(VanishAsync);
    }

    private static async Task VanishAsync(TestCluster cluster)
    {
        foreach (var each in cluster.Targets)
        {
            // An attempt before may have dropped it.
            each.Expose(TestCluster.PassingLine(each));
        }

        var before = await FaultWatch.BeginAsync(cluster);
        var victim = cluster.Names.Where(name => name != before.Leader.Node).MaxBy(name => before.TargetsOf(name).Count(ClusterFiles.IsRecorded))!;
        var unsent = await UnsentWatch.BeginAsync(cluster, victim);
        var watch = await FaultWatch.BeginAsync(cluster);
        var target = cluster.Targets.First(candidate => watch.Owners[candidate.Record.Name] == victim);

        target.Drop(TestCluster.PassingLine(target));
        await CrashAsync(cluster, watch, "kill -9 of a member", unsent.NoteDeadAsync, victim);

        await Wait.Until("three scrapes by the adopter", TimeSpan.FromSeconds(60), () => ScrapesByOthers(cluster, watch, target, victim).Count >= 3);
        var scrapes = ScrapesByOthers(cluster, watch, target, victim);
        using var folder = new TestFolder();
        var adopter = cluster[cluster.NameAt(scrapes[0].From)];
        folder.CopyOf(Path.Combine(adopter.DataFolder, "wal"), "data/wal");
        cluster.BeginWhole();
        await unsent.JudgeReturnAsync();

        var passing = await Tools.DumpAsync(folder.Sub("data"), $"{TestCluster.PassingName}{{target=\"{target.Record.Name}\"}}");
        var marker = Assert.Single(passing, line => line.Contains("} NaN ", StringComparison.Ordinal));
        var markedAt = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(marker[(marker.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
        var second = DateTimeOffset.UtcNow - (cluster.Now - scrapes[1].At);
        Assert.True(markedAt <= second + TimeSpan.FromMilliseconds(100), $"the marker is of {markedAt:O}, the second scrape of {second:O}");
    }

    internal static Task CrashAsync(TestCluster cluster, FaultWatch watch, string scenario, params string[] victims) => CrashAsync(cluster, watch, scenario, () => Task.CompletedTask, victims);

    /// <param name="whenSettled">Called when others have all that they had, before any of them may come back.</param>
    private static async Task CrashAsync(TestCluster cluster, FaultWatch watch, string scenario, Func<Task> whenSettled, params string[] victims)
    {
        // 1. The crash, until all is settled without them.
        var killed = Task.WhenAll(victims.Select(victim => cluster[victim].KillAsync()));
        var reowned = await cluster.Store.ReownedAsync(victims, watch.Assignments, TimeSpan.FromSeconds(30));
        await killed;
        var survivors = cluster.Names.Except(victims).ToList();
        await cluster.SettledAsync(survivors);
        var verdict = watch.Verdict();
        var again = watch.ScrapedAgain(victims);
        var evenness = cluster.MaxOverAverage(survivors);
        new FaultRow(scenario, verdict)
        {
            Reowned = reowned,
            ScrapedAgain = again,
            MaxOverAverage = evenness,
        }.Write();

        await whenSettled();
        if (FaultTerms.Current.IsFull)
        {
            await ComeBackAsync(cluster, victims);
        }

        // 2. The verdicts come last: a table is written whole even when one of them fails.
        verdict.AssertMissedOnly(watch.TargetsOf(victims), MissedAtMost);
        verdict.AssertNothingDoubled();
        Assert.InRange(Percentile.Of(reowned, 0.99), TimeSpan.Zero, ReownedWithin);
        Assert.InRange(evenness, 1, Limits.MaxOverAverage);
    }

    /// <summary>What scaling tests judge in every run.</summary>
    private static async Task ComeBackAsync(TestCluster cluster, IReadOnlyList<string> victims)
    {
        foreach (var victim in victims)
        {
            var watch = await FaultWatch.BeginAsync(cluster);
            var members = cluster.Names.Where(name => cluster[name].IsRunning).Append(victim).ToList();
            cluster[victim].Start();
            await Limits.JudgePlannedAsync(cluster, watch, "... and back", IdealMoves.Of(watch.Loads, members), members);
        }
    }

    private static IReadOnlyList<Arrival> ScrapesByOthers(TestCluster cluster, FaultWatch watch, ExporterTarget target, string victim)
    {
        return [.. target.Record.Between(watch.From, cluster.Now).Where(arrival => arrival.From != cluster[victim].Address)];
    }
}
