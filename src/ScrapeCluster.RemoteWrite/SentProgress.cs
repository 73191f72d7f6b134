using System.Collections.Concurrent;

namespace ScrapeCluster.RemoteWrite;

/// <summary>The queues that run, for whoever wants to know how far they have sent. Written by the host, read by anyone.</summary>
public sealed class SentProgress
{
    private readonly ConcurrentDictionary<QueueMetrics, byte> _queues = new();

    /// <summary>By name.</summary>
    internal IReadOnlyList<QueueMetrics> Queues => [.. _queues.Keys.OrderBy(queue => queue.Name, StringComparer.Ordinal)];

    internal void Add(QueueMetrics queue) => _queues.TryAdd(queue, 0);

    internal void Remove(QueueMetrics queue) => _queues.TryRemove(queue, out _);
}
