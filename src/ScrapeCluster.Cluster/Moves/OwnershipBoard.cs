using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Moves;

/// <summary>
/// What this node scrapes and keeps, as its leader is told and as it is kept for a start without a database. OwnershipActor replaces the picture; the streams to
/// the leader, the heartbeat and the file read it from any thread.
/// </summary>
public sealed class OwnershipBoard
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile OwnershipPicture _picture = OwnershipPicture.Empty;

    public OwnershipPicture Current => _picture;

    /// <summary>Ends at the next urgent change. Take it before <see cref="Current"/> is read, else one can be missed.</summary>
    public Task NextChange
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    /// <param name="picture">Whole; its revision is given here.</param>
    /// <param name="isUrgent">The leader waits for it: rows were applied, a slot was begun, ended or handed over. False for measured load alone.</param>
    public void Publish(OwnershipPicture picture, bool isUrgent)
    {
        lock (_lock)
        {
            _picture = picture with { Revision = _picture.Revision + 1 };
            if (isUrgent)
            {
                _changed.TrySetResult();
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}

public sealed record OwnershipPicture
{
    public static readonly OwnershipPicture Empty = new();

    /// <summary>Rises with every picture.</summary>
    public long Revision { get; init; }

    /// <summary>The assignment version up to which all rows that concern this node took effect here.</summary>
    public long AppliedAssignments { get; init; }

    /// <summary>Every slot that this node scrapes, or still has to hand over.</summary>
    public IReadOnlyList<SlotReport> Slots { get; init; } = [];

    /// <summary>Slots whose series lines are kept here for the case that their owner dies.</summary>
    public IReadOnlyList<SlotMessage> Inherits { get; init; } = [];

    /// <summary>The target sets of the slots, as read from the store: they go to the local file.</summary>
    public IReadOnlyCollection<StoredTargetSet> TargetSets { get; init; } = [];

    /// <summary>Slots handed over whose last samples some receiver of remote write does not have yet.</summary>
    public int Unsent { get; init; }
}
