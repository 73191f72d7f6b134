using System.Diagnostics;
using System.Globalization;

namespace ScrapeCluster.Benchmarks.Cluster;

/// <summary>
/// <c>cluster [nodes] [targets]</c>: joins, leaves, crashes and a rolling restart of a large cluster under virtual time, each with what it moved against the least
/// that it had to move.
/// </summary>
internal sealed class ClusterMode
{
    private const int Jobs = 400;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(60);

    private readonly SimulatedCluster _cluster;
    private readonly int _nodes;

    private ClusterMode(SimulatedCluster cluster, int nodes)
    {
        _cluster = cluster;
        _nodes = nodes;
    }

    public static void Run(int nodes, int targets)
    {
        var start = Stopwatch.GetTimestamp();
        var buckets = SimulatedFleet.Make(Jobs, targets, nodes, seed: 7);
        Say($"{nodes} nodes, {targets} targets, {Jobs} jobs, {buckets.Count} buckets, {buckets.Sum(bucket => bucket.Load) / 1e6:F1} M samples/s");
        Say("");
        Say("| event | moved, of the ideal | slots moved | max/average | nobody scraped, longest | settled after | planner, mean | statements/s | MB/s |");
        Say("|---|---|---|---|---|---|---|---|---|");
        new ClusterMode(new SimulatedCluster(buckets, targets), nodes).RunAll();
        Say("");
        Say($"simulated in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
    }

    private void RunAll()
    {
        Measure("cold start", () =>
        {
            _cluster.Add(_nodes);
            return _cluster.TotalLoad;
        });
        Quiet();
        Measure("one node joins", () => Join(1));
        Measure($"{_nodes / 10} nodes join", () => Join(_nodes / 10));
        Measure("one node leaves", () => Leave(1));
        Measure($"{_nodes / 20} nodes leave", () => Leave(_nodes / 20));
        Measure("a member is killed", () => Kill(1, leader: false));
        Measure("the leader is killed", () => Kill(1, leader: true));
        Measure($"{_nodes / 20} nodes are killed at once, the leader among them", () => Kill(_nodes / 20, leader: true));
        Rolling();
    }

    /// <param name="act">Begins it, and returns the load that has to move.</param>
    private void Measure(string name, Func<double> act)
    {
        var (mark, start, moved, plans, planned) = (_cluster.Bill.Mark(), _cluster.Now, _cluster.Moved, _cluster.Plans, _cluster.PlannerTime);
        var ideal = act();
        var dark = _cluster.RunUntil(() => _cluster.Dark == 0, Limit);
        var settled = _cluster.RunUntil(() => _cluster.IsQuiet && _cluster.Now - start > TimeSpan.FromSeconds(10), Limit);
        Report(name, mark, start, moved, plans, planned, ideal, dark, settled is null ? null : (_cluster.Now - start).TotalSeconds);
    }

    /// <summary>What must leave the nodes above the new average.</summary>
    private double Join(int count)
    {
        _cluster.Add(count);
        var loads = _cluster.LoadOfNodes();
        var average = loads.Values.Sum() / loads.Count;
        return loads.Values.Sum(load => Math.Max(0, load - average));
    }

    private double Leave(int count)
    {
        var leaving = _cluster.Nodes.Where(node => node is { IsAlive: true, IsLeaving: false } && node != _cluster.Leader).Take(count).ToList();
        var load = leaving.Sum(_cluster.LoadOf);
        leaving.ForEach(node => node.IsLeaving = true);
        _cluster.MembersChanged();
        _cluster.RunUntil(() => leaving.TrueForAll(_cluster.OwnsNothing), Limit);
        leaving.ForEach(node => node.Kill());
        return load;
    }

    private double Kill(int count, bool leader)
    {
        var others = _cluster.Nodes.Where(node => node is { IsAlive: true, IsLeaving: false } && node != _cluster.Leader).Take(leader ? count - 1 : count).ToList();
        if (leader)
        {
            others.Add(_cluster.Leader!);
        }

        var load = others.Sum(_cluster.LoadOf);
        others.ForEach(_cluster.Kill);
        return load;
    }

    /// <summary>All nodes, a fiftieth at a time: out in order, five seconds away, back.</summary>
    private void Rolling()
    {
        Measure("rolling restart of all, a fiftieth at a time", () =>
        {
            var waves = _cluster.Nodes.Where(node => node.IsAlive).Chunk(Math.Max(1, _nodes / 50)).ToList();
            foreach (var wave in waves)
            {
                foreach (var node in wave)
                {
                    node.IsLeaving = true;
                }

                _cluster.MembersChanged();
                _cluster.RunUntil(() => wave.All(_cluster.OwnsNothing), Limit);
                foreach (var node in wave)
                {
                    node.Kill();
                }

                var back = _cluster.Now + TimeSpan.FromSeconds(5);
                _cluster.RunUntil(() => _cluster.Now >= back, Limit);
                foreach (var node in wave)
                {
                    node.Start(TimeSpan.Zero);
                }

                _cluster.RunUntil(() => Array.TrueForAll(wave, node => !_cluster.OwnsNothing(node)) && _cluster.IsQuiet, Limit);
            }

            return 2 * _cluster.TotalLoad;
        });
    }

    private void Quiet()
    {
        var (mark, start, moved, plans, planned) = (_cluster.Bill.Mark(), _cluster.Now, _cluster.Moved, _cluster.Plans, _cluster.PlannerTime);
        var end = _cluster.Now + TimeSpan.FromMinutes(2);
        _cluster.RunUntil(() => _cluster.Now >= end, Limit);
        Report("two quiet minutes", mark, start, moved, plans, planned, 0, 0, null);
    }

    private void Report(
        string name, (long Statements, long Bytes) mark, TimeSpan start, (int Slots, double Load) moved, int plans, TimeSpan planned, double ideal, double? dark, double? settled)
    {
        var seconds = (_cluster.Now - start).TotalSeconds;
        var (statements, bytes) = _cluster.Bill.Since(mark);
        var load = _cluster.Moved.Load - moved.Load;
        var mean = (_cluster.PlannerTime - planned).TotalMilliseconds / Math.Max(1, _cluster.Plans - plans);
        Say(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {(ideal > 0 ? (load / ideal).ToString("F3", CultureInfo.InvariantCulture) : "-")} | {_cluster.Moved.Slots - moved.Slots} | {_cluster.MaxOverAverage:F3} | {dark:F2} s | {(settled is null ? "-" : $"{settled:F0} s")} | {mean:F0} ms | {statements / seconds:F0} | {bytes / seconds / 1e6:F2} |"));
    }

    private static void Say(string line) => Console.WriteLine(line);
}
