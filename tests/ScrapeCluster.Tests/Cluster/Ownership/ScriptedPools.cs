using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Ownership;

/// <summary>A node's pools, as the contracts in Model/Placement describe them, without scraping. Read it when nothing is under way.</summary>
internal sealed class ScriptedPools
{
    private readonly Dictionary<(string Job, int Slot), Dictionary<ulong, PlannedTarget>> _running = [];
    private readonly HashSet<ulong> _collected = [];

    public List<object> Told { get; } = [];

    /// <summary>Targets that left a plan without having been released: they got staleness markers.</summary>
    public List<ulong> Marked { get; } = [];

    public List<TargetLines> Adopted { get; } = [];

    /// <summary>What each target exposes.</summary>
    public Func<ulong, byte[]?> Lines { get; set; } = static hash => BitConverter.GetBytes(hash);

    public bool AnswersPrepare { get; set; } = true;

    public bool AnswersRelease { get; set; } = true;

    public IEnumerable<SlotPlan> Plans => Told.OfType<SlotPlan>();

    public SlotPlan LastPlan => Plans.Last();

    public Props MakeProps() => Props.Create(() => new PoolsActor(this));

    public bool Scrapes(string job, ulong hash, DateTimeOffset due)
    {
        return _running.Any(pool => pool.Key.Job == job && pool.Value.TryGetValue(hash, out var target) && target.Window.Owns(due));
    }

    public void Expose(ulong changed) => _collected.Remove(changed);

    private object? Take(object message)
    {
        Told.Add(message);
        switch (message)
        {
            case SlotPlan plan:
                var before = _running.GetValueOrDefault((plan.Job, plan.Slot)) ?? [];
                _running[(plan.Job, plan.Slot)] = plan.Targets.ToDictionary(target => target.Target.Hash);
                Marked.AddRange(before.Keys.Where(hash => !_running[(plan.Job, plan.Slot)].ContainsKey(hash)));
                return null;
            case ReleaseTargets release:
                var running = _running.GetValueOrDefault((release.Job, release.Slot)) ?? [];
                var released = new TargetsReleased([.. LinesOf(release.Hashes.Where(hash => running.Remove(hash)))], release.Tag);
                return AnswersRelease ? released : null;
            case PrepareTargets prepare:
                return AnswersPrepare ? new TargetsPrepared(prepare.Tag) : null;
            case CollectLines collect:
                var hashes = collect.Hashes.Where(hash => collect.All || !_collected.Contains(hash)).ToList();
                _collected.UnionWith(hashes);
                return new LinesCollected([.. LinesOf(hashes)], collect.Tag);
            case AdoptLines adopt:
                var known = _running.GetValueOrDefault((adopt.Job, adopt.Slot)) ?? [];
                Adopted.AddRange(adopt.Lines.Where(line => known.ContainsKey(line.TargetHash)));
                return null;
            default:
                throw new InvalidOperationException($"pools were told {message}");
        }
    }

    private IEnumerable<TargetLines> LinesOf(IEnumerable<ulong> hashes)
    {
        foreach (var hash in hashes)
        {
            if (Lines(hash) is { } packed)
            {
                yield return new TargetLines(hash, packed);
            }
        }
    }

    private sealed class PoolsActor(ScriptedPools pools) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (pools.Take(message) is { } answer)
            {
                Sender.Tell(answer, Self);
            }
        }
    }
}
