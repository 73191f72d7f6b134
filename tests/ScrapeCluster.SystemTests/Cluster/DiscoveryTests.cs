using System.Globalization;
using ScrapeCluster.SystemTests.Cluster.Rig;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing.Exporter;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>Sources of targets are read by the leader alone, what they say is scraped within a second, and what a new leader has not heard yet is no reason to stop.</summary>
[Collection(ClusterFixture.Name)]
public sealed class DiscoveryTests(ClusterFixture fixture)
{
    private const int FoundTargets = 20;

    /// <summary>Of the machine and the exporter; the promise is a second, then the target's own tick.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(50);

    [Fact]
    public Task NewTargetInAWatchedFile_IsScrapedAtItsFirstTickAfterASecond() => fixture.JudgeAsync(AddAsync);

    private static async Task AddAsync(TestCluster cluster)
    {
        // Names of this attempt's own: nobody has scraped them before.
        var targets = Enumerable.Range(0, FaultTerms.Current.IsFull ? 20 : 3).Select(i => cluster.Exporter.Add($"new{i}_of_{cluster.Now.Ticks}", 20)).ToList();
        try
        {
            await AddEachAsync(cluster, targets);
        }
        finally
        {
            foreach (var target in targets)
            {
                cluster.Files.RemoveTarget(target.Record.Name);
            }
        }

        var removed = cluster.Now;
        await Task.Delay(2 * cluster.Shape.Interval);
        Assert.All(targets, target => Assert.InRange(target.Record.FirstAfter(removed).Count, 0, 1));
    }

    private static async Task AddEachAsync(TestCluster cluster, IReadOnlyList<ExporterTarget> targets)
    {
        var writtenAt = new Dictionary<ExporterTarget, TimeSpan>();
        foreach (var target in targets)
        {
            writtenAt[target] = cluster.Now;
            cluster.Files.AddTarget(target.Record.Name);
            await Wait.Until($"a scrape of {target.Record.Name}", TimeSpan.FromSeconds(60), () => target.Record.All().Count > 0, cluster.Tails);
        }

        await Wait.Until("scrapes that tell the phases", TimeSpan.FromSeconds(60), () => targets.All(target => target.Record.All().Count >= 4), cluster.Tails);
        foreach (var (target, written) in writtenAt)
        {
            var arrivals = target.Record.All();
            var firstDue = FirstTick(PhaseEstimate.Of(arrivals, cluster.Shape.Interval), written + TimeSpan.FromSeconds(1), cluster.Shape.Interval);
            Assert.True(arrivals[0].At <= firstDue + Slack, $"{target.Record.Name} written at {written}, due at {firstDue}, first scraped at {arrivals[0].At}");
        }
    }

    [Fact]
    public Task Sources_AreReadByOneNodeOnly() => fixture.JudgeAsync(async cluster =>
    {
        var leader = (await cluster.Store.LeaderAsync()).Node;
        // The kernel knows who watches a folder.
        var (_, inode, _) = await Tools.RunAsync("stat", "-c", "%i", cluster.Files.WatchedFolder);
        var watching = cluster.Names.Where(name => Watches(cluster[name].Process.Id, long.Parse(inode, CultureInfo.InvariantCulture)));
        Assert.Equal([leader], watching);
    });

    /// <summary>The file cannot be read from the moment the leader dies, and the next leader has never read it. The crash itself is judged as any.</summary>
    [Fact]
    public Task SourceUnreadableRightAfterALeaderChange_WhatIsStoredIsScraped() => fixture.JudgeAsync(UnreadableAsync);

    private static async Task UnreadableAsync(TestCluster cluster)
    {
        var found = Enumerable.Range(0, FoundTargets).Select(i => cluster.Exporter.Add($"found{i}", 20)).ToList();
        var names = found.Select(target => target.Record.Name).ToList();
        try
        {
            cluster.Files.WriteFound(cluster.Files.Groups(names));
            await Wait.Until("scrapes of what was found", TimeSpan.FromSeconds(60), () => found.All(target => target.Record.All().Count >= 5), cluster.Tails);
            await cluster.SettledAsync(cluster.Names);
            var watch = await FaultWatch.BeginAsync(cluster);
            var (leader, since) = (watch.Leader.Node, watch.From);
            cluster.Files.WriteFound("[{");
            await CrashTests.CrashAsync(cluster, watch, "kill -9 of the leader", leader);

            // Two seconds until all is taken over, and some more.
            await cluster.ScrapesAsync(6, since);
            var judge = new ScrapeJudge([.. found.Select(target => target.Record)], cluster.Shape.Interval);
            var ticks = judge.Ticks(since, cluster.JudgedUntil);
            var missed = ticks.Where(pair => pair.Value.Missed.Count > 0).ToDictionary(pair => pair.Key, pair => pair.Value.Missed.Count);
            new FaultRow("discovery answers nothing right after a leader change")
            {
                Missed = missed.Values.Sum(),
                MissedAtMost = missed.Values.DefaultIfEmpty(0).Max(),
                Doubled = ticks.Values.Sum(verdict => verdict.Doubled.Count),
                Remark = "its targets only; the killed leader's are taken over",
            }.Write();
            var owners = judge.Owners(since);
            Assert.All(missed, pair => Assert.True(owners[pair.Key] == cluster[leader].Address && pair.Value <= 3, $"{pair.Key} missed {pair.Value} ticks"));
        }
        finally
        {
            cluster.Files.WriteFound("[]");
        }

        // Once the source answers that there is nothing, there is nothing.
        await Wait.Until("what was found to be dropped", TimeSpan.FromSeconds(60), () => found.All(target => cluster.Now - target.Record.All()[^1].At > 3 * cluster.Shape.Interval), cluster.Tails);
    }

    private static TimeSpan FirstTick(TimeSpan phase, TimeSpan from, TimeSpan interval) => phase + (Math.Ceiling((from - phase) / interval) * interval);

    private static bool Watches(int process, long inode)
    {
        // proc(5), /proc/pid/fdinfo: "inotify wd:1 ino:<hexadecimal> sdev:...".
        var entry = $" ino:{inode:x} ";
        return Directory.EnumerateFiles($"/proc/{process}/fdinfo").Any(file => File.ReadAllText(file).Contains(entry, StringComparison.Ordinal));
    }
}
