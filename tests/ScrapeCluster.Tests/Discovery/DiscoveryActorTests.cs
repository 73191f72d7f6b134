using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Discovery;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Discovery;

public sealed class DiscoveryActorTests : TestKit
{
    private readonly IActorRef _discovery;
    private readonly MetricsRegistry _metrics = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("discovery").FullName;

    public DiscoveryActorTests() => _discovery = Sys.ActorOf(
        DiscoveryActor.Props(
            TestActor, new DiscoverySettings { BurstInterval = TimeSpan.FromSeconds(5) }, _metrics, NullLoggerFactory.Instance, Time),
        "discovery");

    [Fact]
    public void Apply_StaticJobs_TellsTheirSets()
    {
        Apply(("a", [Static("x:1")]));
        Assert.Equal("a: x:1", NextSets());
    }

    [Fact]
    public void Apply_JobWithoutDiscovery_GetsAnEmptySet()
    {
        Apply(("a", []));
        Assert.Equal("a: ", NextSets());
    }

    [Fact]
    public void Apply_KindNotBuilt_GetsAnEmptySet()
    {
        Apply(("a", [new UnsupportedSdConfig("consul", new Secret("server: x"))]));
        Assert.Equal("a: ", NextSets());
    }

    [Fact]
    public void Apply_EqualEntriesOfTwoJobs_ShareOneProvider()
    {
        Apply(("a", [Static("x:1")]), ("b", [Static("x:1"), Static("y:2")]));
        Assert.Equal("a: x:1; b: x:1 y:2", AllSets("a", "b"));
        Assert.Equal(2, Sys.Inspect("/user/discovery")!.Children.Count);
    }

    /// <summary>Jobs are told at once, and it is said that something is missing; when the file is mended they are told again.</summary>
    [Fact]
    public void File_ThatCannotBeRead_MakesItsJobsPartialUntilItCanBe()
    {
        Write("t.json", "[{");
        Apply(("a", [new FileSdConfig([Path.Combine(_directory, "t.json")], TimeSpan.FromMinutes(5)), Static("x:1")]), ("b", [Static("y:2")]));
        var partial = new HashSet<string>();
        while (partial.Count == 0)
        {
            AdvanceUntilMessage();
            partial.UnionWith(ExpectMsg<TargetSetsChanged>().Partial);
        }

        Assert.Equal(["a"], partial);
        Write("t.json", """[{"targets":["z:3"]}]""");

        // The first sets of the other job may come behind those of this one.
        AdvanceUntilMessage();
        var mended = ExpectMsg<TargetSetsChanged>();
        while (!mended.Sets.ContainsKey("a"))
        {
            AdvanceUntilMessage();
            mended = ExpectMsg<TargetSetsChanged>();
        }

        Assert.Empty(mended.Partial);
        Assert.Contains("z:3", Show(mended.Sets), StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_NewJobWithAKnownEntry_IsToldAtOnce_OthersAreNot()
    {
        Apply(("a", [Static("x:1")]));
        NextSets();
        Apply(("a", [Static("x:1")]), ("b", [Static("x:1")]));
        Assert.Equal("b: x:1", NextSets());
        ExpectNoMsgAfter(_discovery);
    }

    [Fact]
    public void Apply_EntryTakenAway_StopsItsProviderAndClearsItsGroups()
    {
        Apply(("a", [Static("x:1"), Static("y:2")]));
        AllSets("a");
        Apply(("a", [Static("y:2")]));
        Assert.Equal("a: y:2", NextSets());
        AwaitCondition(() => Sys.Inspect("/user/discovery")!.Children.Count == 1);
    }

    [Fact]
    public void Apply_EntryChanged_TellsNothingBeforeTheNewOneAnswered()
    {
        Apply(("a", [Static("x:1")]));
        NextSets();
        Apply(("a", [Static("y:2")]));
        AdvanceUntilMessage();
        Assert.Equal("a: y:2", NextSets());
        ExpectNoMsgAfter(_discovery);
    }

    [Fact]
    public void File_IsRead_WithItsPathAsLabel()
    {
        var path = Write("t.json", """[{"targets":["x:1"],"labels":{"l":"v"}}]""");
        Apply(("a", [Files(path)]));
        var set = Assert.Single(ExpectMsg<TargetSetsChanged>().Sets["a"]);
        Assert.Equal($"{path}:0", set.Source);
        Assert.Equal(Labels.Of(("__meta_filepath", path), ("l", "v")), set.Labels);
        Assert.Equal([Labels.Of(("__address__", "x:1"))], set.Targets);
    }

    [Fact]
    public void File_ThatTurnsBad_KeepsItsGroups_AndOthersGoOn()
    {
        Write("a.json", """[{"targets":["x:1"]}]""");
        Write("b.yml", "- targets: [y:2]\n");
        Apply(("a", [Files(Path.Combine(_directory, "*.json"), Path.Combine(_directory, "*.yml"))]));
        Assert.Equal("a: x:1 y:2", NextSets());

        Write("a.json", """[{"targets":["x:9"],"unknown":1}]""");
        Write("b.yml", "- targets: [y:3]\n");
        AdvanceUntilMessage();
        Assert.Equal("a: x:1 y:3", NextSets("y:3"));
        AwaitCondition(() =>
        {
            TestScheduler.Advance(TimeSpan.FromMilliseconds(50));
            return _metrics.Counter("prometheus_sd_file_read_errors_total", "").Value > 0;
        });
    }

    [Fact]
    public void File_ThatIsDeleted_ClearsItsGroups()
    {
        var path = Write("a.json", """[{"targets":["x:1"]}]""");
        Apply(("a", [Files(path)]));
        NextSets();
        File.Delete(path);
        AdvanceUntilMessage();
        Assert.Equal("a: ", NextSets());
    }

    [Fact]
    public void File_ThatComesLater_IsFoundByTheWatch()
    {
        Apply(("a", [Files(Path.Combine(_directory, "*.yaml"))]));
        Assert.Equal("a: ", NextSets());
        Write("late.yaml", "- targets: [x:1]\n");
        AdvanceUntilMessage();
        Assert.Equal("a: x:1", NextSets("x:1"));
    }

    [Fact]
    public void File_InADirectoryThatComesLater_IsFoundByTheRefresh()
    {
        var directory = Path.Combine(_directory, "later");
        Apply(("a", [new FileSdConfig([Path.Combine(directory, "*.yaml")], TimeSpan.FromMinutes(5))]));
        Assert.Equal("a: ", NextSets());
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "t.yaml"), "- targets: [x:1]\n");
        TestScheduler.Advance(TimeSpan.FromMinutes(5));
        AdvanceUntilMessage();
        Assert.Equal("a: x:1", NextSets());
    }

    [Fact]
    public void Provider_ThatFails_IsRestartedAndKeepsItsGroups()
    {
        var path = Write("a.json", """[{"targets":["x:1"]}]""");
        Apply(("a", [Files(path)]));
        NextSets();
        var provider = Sys.ActorSelection("/user/discovery/file-1");
        provider.Tell(new Status.Failure(new InvalidOperationException("injected")), ActorRefs.NoSender);
        AwaitCondition(() => Sys.Inspect("/user/discovery/file-1")!.Restarts == 1);
        ExpectNoMsgAfter(_discovery);

        // The new instance still knows what the old one had found.
        File.Delete(path);
        TestScheduler.Advance(TimeSpan.FromSeconds(5));
        AdvanceUntilMessage();
        Assert.Equal("a: ", NextSets());
    }

    [Fact]
    public void Resend_TellsAllSetsOnceMore()
    {
        Apply(("a", [Static("x:1")]), ("b", []));
        AllSets("a", "b");
        _discovery.Tell(new ResendTargetSets());
        Assert.Equal("a: x:1; b: ", NextSets());
    }

    [Fact]
    public void File_ThatIsRead_ShowsWhenItWasWritten_UntilItIsGone()
    {
        var path = Write("a.json", """[{"targets":["x:1"]}]""");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddSeconds(1_700_000_000));
        Apply(("a", [Files(path)]));
        NextSets();
        Assert.Contains($"prometheus_sd_file_mtime_seconds{{filename=\"{path}\"}} 1700000000\n", MetricsPage(), StringComparison.Ordinal);
        Assert.Contains("prometheus_sd_file_scan_duration_seconds_count 1\n", MetricsPage(), StringComparison.Ordinal);

        File.Delete(path);
        AdvanceUntilMessage();
        NextSets();
        Assert.DoesNotContain("filename=", MetricsPage(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_InABurst_AreMerged()
    {
        var path = Write("a.json", """[{"targets":["x:0"]}]""");
        Apply(("a", [Files(path)]));
        NextSets();
        for (var i = 1; i <= 50; i++)
        {
            Write("a.json", $$"""[{"targets":["x:{{i}}"]}]""");
        }

        // What was read while the clock stood is one change in waiting; all that is read from here on is the last state.
        Barrier(await Sys.ActorSelection("/user/discovery/file-1").ResolveOne(Timeout.InfiniteTimeSpan).WaitAsync(Patience, TestContext.Current.CancellationToken));
        Barrier(_discovery);
        AdvanceUntilMessage();
        var updates = 1;
        while (NextSets() != "a: x:50")
        {
            updates++;
            AdvanceUntilMessage();
        }

        Assert.InRange(updates, 1, 10);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_directory, recursive: true);
    }

    private string MetricsPage()
    {
        var page = new ArrayBufferWriter<byte>();
        _metrics.Write(page);
        return Encoding.UTF8.GetString(page.WrittenSpan);
    }

    private static StaticSdConfig Static(string address)
    {
        ValueList<Labels> targets = [Labels.Of(("__address__", address))];
        return new StaticSdConfig([new TargetGroup("0", targets, Labels.Empty)]);
    }

    /// <summary>A refresh so far away that only the watch can find a change.</summary>
    private static FileSdConfig Files(params string[] patterns) => new(patterns.ToValueList(), TimeSpan.FromDays(10_000));

    private string Write(string name, string text)
    {
        // As careful writers do: a reader sees the old file or the new one.
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path + ".tmp", text);
        File.Move(path + ".tmp", path, overwrite: true);
        return path;
    }

    private void Apply(params (string Job, SdConfig[] Entries)[] jobs) => _discovery.Tell(
        new ApplyDiscovery(jobs.ToDictionary(job => job.Job, IReadOnlyList<SdConfig> (job) => job.Entries)));

    /// <summary>The clock moves while the world outside (watcher, disk) takes its own time.</summary>
    private void AdvanceUntilMessage() => AwaitCondition(() =>
    {
        TestScheduler.Advance(TimeSpan.FromMilliseconds(50));
        return HasMessages;
    });

    private string NextSets() => Show(ExpectMsg<TargetSetsChanged>().Sets);

    /// <summary>The next sets that name the address; those before may be of a moment between two writes.</summary>
    private string NextSets(string address)
    {
        while (true)
        {
            var sets = NextSets();
            if (sets.Contains(address, StringComparison.Ordinal))
            {
                return sets;
            }

            AdvanceUntilMessage();
        }
    }

    private string AllSets(params string[] jobs)
    {
        var all = new Dictionary<string, IReadOnlyList<TargetGroup>>();
        while (all.Count < jobs.Length)
        {
            AdvanceUntilMessage();
            foreach (var (job, groups) in ExpectMsg<TargetSetsChanged>().Sets)
            {
                all[job] = groups;
            }
        }

        return Show(all);
    }

    private static string Show(IReadOnlyDictionary<string, IReadOnlyList<TargetGroup>> sets) => string.Join("; ", sets
        .OrderBy(set => set.Key, StringComparer.Ordinal)
        .Select(set => $"{set.Key}: {string.Join(' ', set.Value.SelectMany(group => group.Targets).Select(labels => labels.Get("__address__")))}"));
}
