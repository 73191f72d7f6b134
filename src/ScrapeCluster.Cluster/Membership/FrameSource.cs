using System.Runtime.CompilerServices;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>What this node reports to its leader: at once, each second, and whenever something changed that the leader waits for. Used from any thread.</summary>
internal sealed class FrameSource(ClusterContext context, EpochMark epochs, SelfDoubt doubt)
{
    private long _incarnation;
    private TaskCompletionSource _turned = NewTurn();

    /// <summary>0 while this node is not a member: it reports nothing then.</summary>
    public long Incarnation
    {
        get => Volatile.Read(ref _incarnation);
        set
        {
            Volatile.Write(ref _incarnation, value);
            Interlocked.Exchange(ref _turned, NewTurn()).TrySetResult();
        }
    }

    /// <summary>Ends when <paramref name="epoch"/> is over, or this node is no member any more.</summary>
    public async IAsyncEnumerable<MemberFrame> ReportAsync(long epoch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var turned = Volatile.Read(ref _turned).Task;
        var incarnation = Incarnation;
        long told = -1;
        Task? heard = null;
        var news = turned;
        while (incarnation != 0 && incarnation == Incarnation && epoch >= epochs.Highest)
        {
            var changed = context.Ownership.NextChange;
            var picture = context.Ownership.Current;
            yield return Frame(incarnation, picture, isFull: picture.Revision != told);
            told = picture.Revision;
            if (changed != heard)
            {
                // Not for each quiet second: both tasks live long, and keep whatever waits for them.
                heard = changed;
                news = Task.WhenAny(changed, turned);
            }

            await NextAsync(news, cancellation);
        }
    }

    private static TaskCompletionSource NewTurn() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MemberFrame Frame(long incarnation, OwnershipPicture picture, bool isFull)
    {
        var frame = new MemberFrame
        {
            Node = context.Terms.Node,
            Incarnation = incarnation,
            AppliedAssignments = picture.AppliedAssignments,
            HighestEpoch = epochs.Highest,
            IsFull = isFull,
            IsSick = doubt.IsSick(context.Time.GetElapsedTime(0)),
            SendLagMs = (long)context.Sending.Lag.TotalMilliseconds,
        };
        if (isFull)
        {
            frame.Slots.AddRange(picture.Slots);
            frame.Inherits.AddRange(picture.Inherits);
        }

        return frame;
    }

    private async Task NextAsync(Task news, CancellationToken cancellation)
    {
        try
        {
            await news.WaitAsync(MemberRules.ProbeInterval, context.Time, cancellation);
        }
        catch (TimeoutException)
        {
            // A quiet second.
        }
    }
}
