using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>
/// Random plans, moves, moves called back, vanished targets, failing pages: whatever two nodes do by turns, together they store what one node alone stores
/// that has all targets all the time. Each due time is scraped once, and each series that ends gets its marker once, at the same instant.
/// </summary>
public sealed class MovingTargetsTests : ScrapingHarness
{
    // Until the markers of a target that vanished are written.
    private static readonly TimeSpan MarkersWritten = TimeSpan.FromSeconds(25);

    private readonly PoolNode _alone;
    private readonly PoolNode[] _nodes;
    private readonly Moving[] _targets = [.. Enumerable.Range(0, 4).Select(static i => new Moving(PoolNode.TargetOf($"host{i}")))];
    private long _scrapes;
    private int _moves;

    public MovingTargetsTests()
    {
        _alone = Node("alone");
        _nodes = [Node("left"), Node("right")];
    }

    /// <summary>What the test knows of a target.</summary>
    private sealed class Moving(ScrapeTarget target)
    {
        public ScrapeTarget Target { get; } = target;

        public ScrapeSchedule Schedule { get; } = new(target.Hash, OffsetSeed.Of(Labels.Empty), target.Interval);

        public bool IsPlanned { get; set; } = true;

        public int Owner { get; set; }

        /// <summary>When the other node takes it; null when it does not move.</summary>
        public DateTimeOffset? MovesAt { get; set; }

        public DateTimeOffset QuietUntil { get; set; }

        public IEnumerable<PlannedTarget> On(int node)
        {
            return !IsPlanned ? []
                : MovesAt is not { } at ? node == Owner ? [new PlannedTarget(Target, TargetWindow.Always)] : []
                : [new PlannedTarget(Target, node == Owner ? TargetWindow.Always with { Until = at } : TargetWindow.Always with { From = at })];
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomMoves_TogetherStoreWhatOneNodeWould(int seed)
    {
        var random = new Random(seed);
        Plan();
        for (var step = 0; step < 150; step++)
        {
            var target = _targets[random.Next(_targets.Length)];
            switch (random.Next(8))
            {
                case 0 or 1 or 2 when target is { IsPlanned: true, MovesAt: null } && target.QuietUntil < Time.GetUtcNow():
                    target.MovesAt = Time.GetUtcNow() + TimeSpan.FromSeconds(random.Next(1, 20));
                    break;
                case 3 when target.MovesAt is not null:
                    target.MovesAt = null;
                    break;
                case 4 when target.MovesAt is null && target.QuietUntil < Time.GetUtcNow():
                    target.IsPlanned = !target.IsPlanned;
                    target.QuietUntil = Time.GetUtcNow() + MarkersWritten;
                    break;
            }

            Plan();
            var page = RandomPage(random);
            Exporter.Page = _ => page;
            StepToNextDue();
            HandOver();
        }

        Assert.True(_scrapes > 50 && _moves > 5, $"only {_scrapes} scrapes and {_moves} moves");
        Assert.Contains(Stored(_alone), static text => text.EndsWith("stale", StringComparison.Ordinal));
    }

    private PoolNode Node(string name)
    {
        var node = new PoolNode(this, name, (board, head) => ContextOf(board, head, $"storage-{name}"));
        node.Configure();
        return node;
    }

    private void Plan()
    {
        _alone.Plan(_targets.Where(static target => target.IsPlanned).Select(static target => target.Target));
        for (var node = 0; node < _nodes.Length; node++)
        {
            _nodes[node].Plan(_targets.SelectMany(target => target.On(node)));
        }

        AwaitCondition(() => IsShown(_alone, target => target.IsPlanned ? Next(target) : null)
            && Enumerable.Range(0, 2).All(node => IsShown(_nodes[node], target => target.On(node).Select(planned => target.Schedule.NextWithin(planned.Window, Next(target))).FirstOrDefault())));

        // A target that vanished is not shown, though its loop may still have to set the timer of its markers.
        foreach (var node in (PoolNode[])[_alone, .. _nodes])
        {
            AwaitLoops(node.Pools);
        }
    }

    /// <summary>The node has heard of all that it was told: its board says when it will scrape each target.</summary>
    private bool IsShown(PoolNode node, Func<Moving, DateTimeOffset?> next)
    {
        var shown = node.Board.ActiveTargets().ToDictionary(static target => target.Hash, static target => target.NextScrape);
        return _targets.All(target => shown.GetValueOrDefault(target.Target.Hash) == next(target));
    }

    private DateTimeOffset Next(Moving target) => target.Schedule.After(Time.GetUtcNow());

    private void StepToNextDue()
    {
        var due = _targets.Min(Next);
        _scrapes += _targets.Count(target => target.IsPlanned && Next(target) == due);
        AdvanceTo(due);
        AwaitCondition(() => _alone.Board.ScrapesEnded == _scrapes && _nodes.Sum(static node => node.Board.ScrapesEnded) == _scrapes, lastSeen: () =>
            $"{_scrapes} scrapes at {Time.GetUtcNow():T}, alone {Seen(_alone)}, left {Seen(_nodes[0])}, right {Seen(_nodes[1])}");

        // A tick that is another node's shows nothing; a loop that has it before it when the clock moves on would set its next one too late.
        for (var node = 0; node < _nodes.Length; node++)
        {
            _nodes[node].Collect(all: true, [.. _targets.Where(target => target.On(node).Any()).Select(static target => target.Target)]);
        }

        // Markers of a target that vanished are written by a timer.
        AwaitCondition(() => Stored(_alone).SequenceEqual(Stored(_nodes)));
    }

    private string Seen(PoolNode node) =>
        $"{node.Board.ScrapesEnded}: {string.Join(", ", node.Board.ActiveTargets().Select(static target => $"next {target.NextScrape:T} missed {target.MissedTicks}"))}";

    /// <summary>As soon as the old owner has no due time left.</summary>
    private void HandOver()
    {
        foreach (var target in _targets)
        {
            if (target.MovesAt is { } at && Next(target) >= at)
            {
                var lines = _nodes[target.Owner].Release(target.Target);
                target.Owner = 1 - target.Owner;
                target.MovesAt = null;
                _moves++;
                _nodes[target.Owner].Adopt(lines);

                // Its answer says that the loop has the lines before its first scrape.
                _nodes[target.Owner].Collect(all: true, target.Target);
            }
        }
    }

    private static string[] Stored(params PoolNode[] nodes)
    {
        return
        [
            .. nodes.SelectMany(static node => node.Stored())
                .Where(static sample => !sample.IsReport || sample.Name == "up")
                .Select(static sample => $"{sample.Labels.Get("instance")} {sample.TimestampMs} {sample.Name} {(sample.IsStale ? "stale" : sample.Value)}")
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string RandomPage(Random random)
    {
        return random.Next(6) == 0 ? "refused!\n" : string.Concat(Enumerable.Range(0, 6).Where(_ => random.Next(3) > 0).Select(i => $"m{i} {random.Next(100)}\n"));
    }
}
