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
    private readonly Lazy<ScrapingContext> _context;
    private readonly Lazy<IActorRef> _pools;
    private readonly Lazy<IActorRef> _placement;
    private readonly Lazy<IActorRef> _manager;

    protected ScrapingHarness()
    {
        _context = new(() => ContextOf(Board, Head, "storage"));
        _pools = new(() => Sys.ActorOf(PoolHostActor.Props(Context), "pools"));
        _placement = new(() => Sys.ActorOf(DirectPlacementActor.Props(Pools), "placement"));
        _manager = new(() => Sys.ActorOf(ManagerActor.Props(Context, Placement), "manager"));
    }

    private protected ScriptedExporter Exporter { get; } = new();

    private protected HeadDouble Head { get; } = new();

    private protected ScrapeBoard Board { get; } = new();

    private protected ScrapeMemoryBudget Budget { get; set; } = new(1 << 20);

    private protected ScrapingContext Context => _context.Value;

    private protected IActorRef Pools => _pools.Value;

    private protected IActorRef Placement => _placement.Value;

    private protected IActorRef Manager => _manager.Value;

    private protected static ScrapeConfig Job(string name, int intervalSeconds = 10) => new()
    {
        JobName = name,
        ScrapeInterval = TimeSpan.FromSeconds(intervalSeconds),
        ScrapeTimeout = TimeSpan.FromSeconds(intervalSeconds),
    };

    private protected void Apply(params ScrapeConfig[] jobs)
    {
        var config = new PrometheusConfig { ScrapeConfigs = [.. jobs] };
        Pools.Tell(new ApplyPoolConfig(config), TestActor);
        ExpectMsg<PoolConfigApplied>();
        Manager.Tell(new ApplyConfig(config), TestActor);
        ExpectMsg<ConfigApplied>();
    }

    private protected void Discover(string job, params string[] addresses)
    {
        var groups = new TargetGroup("0", [.. addresses.Select(address => Labels.Of(("__address__", address)))], Labels.Empty);
        Manager.Tell(new TargetSetsChanged(new Dictionary<string, IReadOnlyList<TargetGroup>> { [job] = [groups] }), TestActor);
        AwaitCondition(() => Board.Jobs.Any(known => known.Job == job && known.Groups.SequenceEqual([groups])));
    }

    /// <summary>Waits until so many targets are planned; then every loop has its timer, and knows whether it is to end.</summary>
    private protected IReadOnlyList<TargetSnapshot> AwaitTargets(int count)
    {
        // Else a board that shows so many for a moment between two plans would do.
        Barrier(Placement);
        AwaitPools(Pools);
        AwaitCondition(() => Board.ActiveTargets() is var targets && targets.Count == count && targets.All(target => target.NextScrape is not null));
        AwaitLoops(Pools);
        return Board.ActiveTargets();
    }

    /// <summary>Host and pools have handled all that they were told: a pool that is to stop knows it, and shows what its last plan says.</summary>
    private protected static void AwaitPools(IActorRef pools)
    {
        Barrier(pools);
        foreach (var pool in ((LocalActorRef)pools).Cell.Children())
        {
            Barrier(pool);
        }
    }

    /// <summary>A pool shows its targets after it has told the loops: what answers now has obeyed.</summary>
    private protected static void AwaitLoops(IActorRef pools)
    {
        foreach (var pool in ((LocalActorRef)pools).Cell.Children().OfType<LocalActorRef>())
        {
            foreach (var loop in pool.Cell.Children())
            {
                Barrier(loop);
            }
        }
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

    /// <summary>All of a node but its actors; one name a node of a test.</summary>
    private protected ScrapingContext ContextOf(ScrapeBoard board, HeadDouble head, string storage)
    {
        return new ScrapingContext
        {
            Time = Time,
            Loggers = NullLoggerFactory.Instance,
            Metrics = new MetricsRegistry(Time),
            Storage = Sys.ActorOf(Props.Create(() => new StorageDouble(head)), storage),
            Batches = new SampleBatchPool(),
            Board = board,
            Budget = Budget,
            Fetchers = Exporter,
        };
    }
}
