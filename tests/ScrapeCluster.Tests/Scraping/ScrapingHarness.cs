using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Scraping;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Manager, pools and loops on a manual clock, between a scripted exporter and a storage that shows everything.</summary>
public abstract class ScrapingHarness : TestKit
{
    private readonly Lazy<(IActorRef Pools, IActorRef Manager)> _actors;

    protected ScrapingHarness()
    {
        _actors = new(Start);
    }

    private protected ScriptedExporter Exporter { get; } = new();

    private protected HeadDouble Head { get; } = new();

    private protected ScrapeBoard Board { get; } = new();

    private protected ScrapeMemoryBudget Budget { get; set; } = new(1 << 20);

    private protected IActorRef Pools => _actors.Value.Pools;

    private protected IActorRef Manager => _actors.Value.Manager;

    private protected static ScrapeConfig Job(string name, int intervalSeconds = 10) => new()
    {
        JobName = name,
        ScrapeInterval = TimeSpan.FromSeconds(intervalSeconds),
        ScrapeTimeout = TimeSpan.FromSeconds(intervalSeconds),
    };

    private protected void Apply(params ScrapeConfig[] jobs)
    {
        Manager.Tell(new ApplyConfig(new PrometheusConfig { ScrapeConfigs = [.. jobs] }), TestActor);
        ExpectMsg<ConfigApplied>();
    }

    private protected void Discover(string job, params string[] addresses)
    {
        var groups = new TargetGroup("0", [.. addresses.Select(address => Labels.Of(("__address__", address)))], Labels.Empty);
        Manager.Tell(new TargetSetsChanged(new Dictionary<string, IReadOnlyList<TargetGroup>> { [job] = [groups] }), TestActor);
        AwaitCondition(() => Board.Jobs.Any(known => known.Job == job && known.Groups.SequenceEqual([groups])));
    }

    /// <summary>Waits until so many targets are planned; then every loop has its timer.</summary>
    private protected IReadOnlyList<TargetSnapshot> AwaitTargets(int count)
    {
        AwaitCondition(() => Board.ActiveTargets() is var targets && targets.Count == count && targets.All(target => target.NextScrape is not null));
        return Board.ActiveTargets();
    }

    /// <summary>Moves the clock to a due time, and to the whole millisecond after it that timers are rounded up to.</summary>
    private protected void AdvanceTo(DateTimeOffset due) => TestScheduler.Advance(due - Time.GetUtcNow() + TimeSpan.FromMilliseconds(1));

    /// <summary>The one target of that address; waits while a change of plan takes it away or shows two of it.</summary>
    private protected TargetSnapshot Target(string address = "host")
    {
        TargetSnapshot[] found = [];
        AwaitCondition(() => (found = [.. Board.ActiveTargets().Where(target => target.ScrapeUrl.Contains($"//{address}/"))]).Length == 1);
        return found[0];
    }

    /// <summary>Lets a target's next scrape happen and waits for its report.</summary>
    private protected TargetSnapshot ScrapeOnce(string address = "host")
    {
        AwaitCondition(() => Target(address).NextScrape is not null);
        var due = Target(address).NextScrape!.Value;
        AdvanceTo(due);
        AwaitCondition(() => Target(address) is { LastScrape: { } last } && last >= due);
        return Target(address);
    }

    private protected StoredSample[] Stored()
    {
        lock (Head)
        {
            return [.. Head.Stored];
        }
    }

    private protected double Last(string name) => Stored().Last(sample => sample.Name == name).Value;

    private (IActorRef, IActorRef) Start()
    {
        var context = new ScrapingContext
        {
            Time = Time,
            Loggers = NullLoggerFactory.Instance,
            Metrics = new MetricsRegistry(Time),
            Storage = Sys.ActorOf(Props.Create(() => new StorageDouble(Head)), "storage"),
            Batches = new SampleBatchPool(),
            Board = Board,
            Budget = Budget,
            Fetchers = Exporter,
        };
        var pools = Sys.ActorOf(PoolHostActor.Props(context), "pools");
        return (pools, Sys.ActorOf(ManagerActor.Props(context, pools), "manager"));
    }
}
