namespace ScrapeCluster.RemoteWrite;

/// <summary>What a reload does with each line of queues.</summary>
/// <param name="Kept">Nothing changes but the HTTP client.</param>
/// <param name="Changed">The queue goes on where the line is.</param>
/// <param name="Removed">No block is for these.</param>
internal sealed record LinePlan(
    List<(QueueLine Line, PreparedQueue Queue)> Kept, List<(QueueLine Line, PreparedQueue Queue)> Changed, List<PreparedQueue> Started, List<QueueLine> Removed)
{
    /// <summary>Equal settings first, then the same name, then the same URL: a queue named by a hash of its settings has another name when they change.</summary>
    public static LinePlan Of(IEnumerable<QueueLine> lines, IEnumerable<PreparedQueue> wanted)
    {
        var plan = new LinePlan([], [], [.. wanted], [.. lines]);
        plan.Match(plan.Kept, static (line, spec) => spec.Equals(line.Spec));
        plan.Match(plan.Changed, static (line, spec) => string.Equals(spec.Name, line.LastSpec?.Name, StringComparison.Ordinal));
        plan.Match(plan.Changed, static (line, spec) => string.Equals(spec.Config.Url, line.LastSpec?.Config.Url, StringComparison.Ordinal));
        plan.Removed.RemoveAll(static line => line.IsRemoved);
        return plan;
    }

    private void Match(List<(QueueLine Line, PreparedQueue Queue)> matched, Func<QueueLine, RemoteWriteSpec, bool> isSame)
    {
        foreach (var queue in Started.ToList())
        {
            if (Removed.Find(line => isSame(line, queue.Spec)) is { } line)
            {
                matched.Add((line, queue));
                Removed.Remove(line);
                Started.Remove(queue);
            }
        }
    }
}
