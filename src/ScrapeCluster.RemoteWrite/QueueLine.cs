using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Following;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.StandIns;

namespace ScrapeCluster.RemoteWrite;

/// <summary>A queue that runs.</summary>
internal sealed record RunningQueue(RemoteWriteSpec Spec, IActorRef Actor, ReadLimit Limit, QueueMetrics Metrics, SwappedClient Client, QueueGate Gate, NewsInbox? News);

/// <summary>
/// All queues that send to one receiver one after the other: as settings change the next one begins where the one before has ended, by the same journal.
/// Held by the host.
/// </summary>
internal sealed class QueueLine(PositionJournal journal)
{
    public PositionJournal Journal { get; } = journal;

    /// <summary>Null when none runs: it has failed and is made anew after a while.</summary>
    public RunningQueue? Running { get; set; }

    /// <summary>The running one was told to end.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Begins when the running one has ended.</summary>
    public PreparedQueue? Next { get; set; }

    /// <summary>No block is for this receiver any more; when the last queue has ended the line goes, too.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>What the queue that failed was made of.</summary>
    public RemoteWriteSpec? Failed { get; set; }

    /// <summary>What the line is to run; null when it is removed.</summary>
    public RemoteWriteSpec? Spec => IsRemoved ? null : Next?.Spec ?? Running?.Spec ?? Failed;

    /// <summary>Also of a line that is removed and still sends.</summary>
    public RemoteWriteSpec? LastSpec => Next?.Spec ?? Running?.Spec ?? Failed;
}
