namespace ScrapeCluster.Testing.Scrapes;

/// <summary>The load that must move, whoever plans it: that which nodes have above the average of afterwards.</summary>
public static class IdealMoves
{
    /// <param name="before">Load of each node.</param>
    /// <param name="after">The nodes that are there afterwards; one that is not gives away all it has.</param>
    public static double Of(IReadOnlyDictionary<string, double> before, IReadOnlyCollection<string> after)
    {
        var average = before.Values.Sum() / after.Count;
        return before.Sum(node => Math.Max(0, node.Value - (after.Contains(node.Key) ? average : 0)));
    }

    /// <summary>The same in steps, each from even load: nodes that come or go one by one are planned for one by one.</summary>
    /// <param name="after">The nodes that are there after each step.</param>
    public static double OfSteps(IReadOnlyDictionary<string, double> before, IEnumerable<IReadOnlyCollection<string>> after)
    {
        var moved = 0.0;
        foreach (var nodes in after)
        {
            moved += Of(before, nodes);
            var share = before.Values.Sum() / nodes.Count;
            before = nodes.ToDictionary(node => node, _ => share, StringComparer.Ordinal);
        }

        return moved;
    }

    /// <summary>Each node's share goes out and comes back.</summary>
    public static double OfRollingRestart(IReadOnlyDictionary<string, double> before) => 2 * before.Values.Sum();

    /// <summary>How far the fullest node is above the average of all; nodes without any load must be in it with 0.</summary>
    public static double MaxOverAverage(IReadOnlyCollection<double> loads) => loads.Max() / loads.Average();
}
