namespace ScrapeCluster.Cluster.Sending;

/// <summary>
/// What the cluster asks of this node's remote write, so that the samples of a series reach a receiver in their order although they come from one node after the
/// other. Any thread; nothing here waits.
/// </summary>
public interface ISending
{
    /// <summary>How far the queue that is farthest behind is behind; zero without queues.</summary>
    TimeSpan Lag { get; }

    /// <summary>What is written to the log from now on is not sent, by any queue, until that is released. What was written before goes on.</summary>
    /// <param name="atMost">Released by itself after this.</param>
    /// <returns>A number that <see cref="Release"/> takes.</returns>
    long Hold(TimeSpan atMost);

    /// <param name="queue">Empty: all of them. A queue that is not held, and a number that was released, are no faults.</param>
    void Release(long hold, string queue = "");

    /// <summary>Sends all that is in the log now, without waiting for full requests.</summary>
    /// <returns>One a queue: true once the receiver has answered for all of it; false when that took longer than <paramref name="within"/>. They do not fail.</returns>
    IReadOnlyList<PushedQueue> Push(TimeSpan within);

    /// <summary>This node does not know whether what it scrapes is still its own: nothing is sent until <see cref="Resume"/>.</summary>
    void Suspend();

    /// <summary>
    /// Goes on. Where others have taken over, what is in the log now comes late, since theirs is at the receiver before it: it goes only to receivers that take samples
    /// out of order, and to them without what was scraped beside the adopters. All else is dropped and counted.
    /// </summary>
    /// <param name="takenOverAt">From when others scraped what this node had; null when nobody did.</param>
    void Resume(DateTimeOffset? takenOverAt);
}

/// <param name="Queue">Its name, the same on all nodes of one configuration.</param>
public readonly record struct PushedQueue(string Queue, Task<bool> Sent);

/// <summary>A node without remote write.</summary>
public sealed class NoSending : ISending
{
    public static readonly NoSending Instance = new();

    private NoSending()
    {
    }

    public TimeSpan Lag => TimeSpan.Zero;

    public long Hold(TimeSpan atMost) => 0;

    public void Release(long hold, string queue = "")
    {
    }

    public IReadOnlyList<PushedQueue> Push(TimeSpan within) => [];

    public void Suspend()
    {
    }

    public void Resume(DateTimeOffset? takenOverAt)
    {
    }
}
