using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>A question to a pool that several loops answer, each when its scrape in flight has ended.</summary>
internal sealed class LineGathering(IActorRef asker, Func<IReadOnlyList<TargetLines>, object> answer)
{
    private readonly Dictionary<ulong, long> _awaited = [];
    private readonly List<TargetLines> _lines = [];

    public bool IsComplete => _awaited.Count == 0;

    /// <param name="order">The loop's answer to this order is awaited, or to a later one.</param>
    public void Await(ulong targetHash, long order) => _awaited[targetHash] = order;

    public void Add(ulong targetHash, byte[] lines) => _lines.Add(new TargetLines(targetHash, lines));

    /// <param name="lines">Null when the loop has nothing to say.</param>
    public void Take(ulong targetHash, long order, byte[]? lines)
    {
        if (!_awaited.TryGetValue(targetHash, out var awaited) || order < awaited)
        {
            return;
        }

        _awaited.Remove(targetHash);
        if (lines is not null)
        {
            Add(targetHash, lines);
        }
    }

    /// <summary>The loop is gone and will not answer.</summary>
    public void Lose(ulong targetHash) => _awaited.Remove(targetHash);

    public void Answer(IActorRef pool) => asker.Tell(answer(_lines), pool);
}
