using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>The pools of one node, and their owner's side of the contract. Several of them on one clock are a cluster.</summary>
internal sealed class PoolNode
{
    private const string JobName = "job";

    private readonly TestProbe _owner;

    public PoolNode(TestKitBase kit, string name, Func<ScrapeBoard, HeadDouble, ScrapingContext> contextOf)
    {
        _owner = kit.CreateTestProbe($"owner-{name}");
        Pools = kit.Sys.ActorOf(PoolHostActor.Props(contextOf(Board, Head)), name);
    }

    public IActorRef Pools { get; }

    public ScrapeBoard Board { get; } = new();

    public HeadDouble Head { get; } = new();

    public static ScrapeTarget TargetOf(string address, int intervalSeconds = 10)
    {
        var template = new TargetTemplate { JobName = JobName, ScrapeInterval = $"{intervalSeconds}s", ScrapeTimeout = $"{intervalSeconds}s" };
        return ((TargetOutcome.Active)TargetBuilder.Build(template, Labels.Empty, Labels.Of(("__address__", address)), new LabelsBuilder())).Target;
    }

    public void Configure(ReplicaNaming? replicas = null, params ScrapeConfig[] jobs)
    {
        Pools.Tell(new ApplyPoolConfig(new PrometheusConfig { ScrapeConfigs = jobs.Length > 0 ? [.. jobs] : [new ScrapeConfig { JobName = JobName }] }, replicas), _owner.Ref);
        _owner.ExpectMsg<PoolConfigApplied>();
    }

    public void Unconfigure()
    {
        Pools.Tell(new ApplyPoolConfig(PrometheusConfig.Empty), _owner.Ref);
        _owner.ExpectMsg<PoolConfigApplied>();
    }

    public void Plan(params IEnumerable<ScrapeTarget> targets) => Plan(targets.Select(static target => new PlannedTarget(target, TargetWindow.Always)));

    public void Plan(IEnumerable<PlannedTarget> targets, int slot = 0, bool isReplicated = false) =>
        Pools.Tell(new SlotPlan(JobName, slot, [.. targets], null) { IsReplicated = isReplicated }, _owner.Ref);

    public void AskRelease(object tag, params ScrapeTarget[] targets)
    {
        Pools.Tell(new ReleaseTargets(JobName, 0, [.. targets.Select(static target => target.Hash)], tag), _owner.Ref);
    }

    public TargetsReleased ExpectReleased(object tag) => _owner.ExpectMsg<TargetsReleased>(released => Equals(released.Tag, tag));

    public IReadOnlyList<TargetLines> Release(params ScrapeTarget[] targets)
    {
        var tag = new object();
        AskRelease(tag, targets);
        return ExpectReleased(tag).Lines;
    }

    public void Adopt(IReadOnlyList<TargetLines> lines) => Pools.Tell(new AdoptLines(JobName, 0, lines), _owner.Ref);

    public void AskCollect(object tag, bool all, params ScrapeTarget[] targets)
    {
        Pools.Tell(new CollectLines(JobName, 0, [.. targets.Select(static target => target.Hash)], all, tag), _owner.Ref);
    }

    public LinesCollected ExpectCollected(object tag) => _owner.ExpectMsg<LinesCollected>(collected => Equals(collected.Tag, tag));

    public IReadOnlyList<TargetLines> Collect(bool all, params ScrapeTarget[] targets)
    {
        var tag = new object();
        AskCollect(tag, all, targets);
        return ExpectCollected(tag).Lines;
    }

    public void Prepare(params ScrapeTarget[] targets)
    {
        var tag = new object();
        Pools.Tell(new PrepareTargets(JobName, 0, targets, tag), _owner.Ref);
        Assert.Same(tag, _owner.ExpectMsg<TargetsPrepared>().Tag);
    }

    public StoredSample[] Stored()
    {
        lock (Head)
        {
            return [.. Head.Stored];
        }
    }

    /// <summary>Samples of the target's own series, such as <c>a 1@1000</c>.</summary>
    public string[] Texts() => [.. Stored().Where(static sample => !sample.IsReport).Select(static sample => $"{sample.Name} {(sample.IsStale ? "stale" : sample.Value)}@{sample.TimestampMs}")];

    public static string[] SeriesOf(TargetLines lines)
    {
        Assert.True(SeriesLines.TryUnpack(lines.Packed, out var unpacked, out var fault), fault);
        var series = new List<string>();
        foreach (var line in unpacked)
        {
            series.Add(System.Text.Encoding.UTF8.GetString(line.Text));
        }

        return [.. series];
    }
}
