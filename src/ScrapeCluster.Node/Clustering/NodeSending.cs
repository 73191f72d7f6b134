using ScrapeCluster.Cluster.Sending;
using ScrapeCluster.RemoteWrite.Gating;

namespace ScrapeCluster.Node.Clustering;

/// <summary>Remote write as the cluster sees it. The two do not know each other; until there is a log to send from, there is nothing to say.</summary>
internal sealed class NodeSending : ISending
{
    private volatile SendingGate? _gate;

    public TimeSpan Lag => _gate?.Lag ?? TimeSpan.Zero;

    public void Attach(SendingGate gate) => _gate = gate;

    public long Hold(TimeSpan atMost) => _gate?.Hold(atMost) ?? 0;

    public void Release(long hold, string queue = "") => _gate?.Release(hold, queue);

    public IReadOnlyList<PushedQueue> Push(TimeSpan within) => [.. _gate?.Push(within).Select(pushed => new PushedQueue(pushed.Queue, pushed.Sent)) ?? []];

    public void Suspend() => _gate?.Suspend();

    public void Resume(DateTimeOffset? takenOverAt) => _gate?.Resume(takenOverAt);
}
