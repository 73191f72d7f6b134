namespace ScrapeCluster.Cluster.Membership;

/// <summary>The end of the actor: first of all that tells it anything, then its own, so that nothing is said to nobody.</summary>
public sealed partial class MembershipActor
{
    /// <summary>What works beside this actor and tells it of its own accord. All of it ends soon after <see cref="_ended"/> is cancelled.</summary>
    private readonly List<Task> _speakers = [];
    private bool _isEnding;
    private bool _isSilent;

    private void Outlive(Task speaker)
    {
        _speakers.RemoveAll(static each => each.IsCompleted);
        _speakers.Add(speaker);
    }

    private void EndInOrder()
    {
        if (_isEnding)
        {
            return;
        }

        _isEnding = true;
        _hasLeft = true;
        _incarnation = null;
        Timers.CancelAll();
        _ended.Cancel();
        _frames.Incarnation = 0;
        if (_leads is { } epoch)
        {
            LoseLead(epoch);
        }

        var lifeline = _lifeline;
        var speakers = Task.WhenAll([_streams.EndAsync(), .. _speakers]).WaitAsync(LongestEnd, _context.Time);
        Task.WhenAll(speakers, Task.Run(lifeline.Dispose)).PipeTo(Self, success: static () => AllSilent.Instance, failure: static _ => AllSilent.Instance);
    }

    private void Silenced()
    {
        _isSilent = true;
        EndWhenSilent();
    }

    private void EndWhenSilent()
    {
        if (_isSilent && !_isReading && !_isMarking && !_isKeeping && _poolQuestions == 0 && !Context.GetChildren().Any())
        {
            Context.Stop(Self);
        }
    }

    private sealed class AllSilent
    {
        public static readonly AllSilent Instance = new();
    }
}
