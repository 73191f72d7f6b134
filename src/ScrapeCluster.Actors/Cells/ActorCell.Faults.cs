using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Actors;

/// <summary>Failing, and judging the failures of children.</summary>
internal sealed partial class ActorCell
{
    private ChildFailures? _childFailures;
    private Envelope? _messageOfFailure;

    public ActorStatisticsSource Statistics { get; } = new();

    private object? MessageOfFailure => _messageOfFailure?.Message;

    /// <summary>Holds the actor and all below it still, and asks the parent what to do.</summary>
    private void Fail(Exception cause)
    {
        Statistics.CountFailure(cause, System.Settings.TimeProvider);
        if (_failure is not null || _waitingFor == Wait.Stopping)
        {
            Log.Error(cause, "{0} failed again while its first failure is judged, or while stopping", SelfRef.Path);
            return;
        }

        _failure = cause;
        _messageOfFailure = _inWork.Message is null ? null : _inWork;
        SuspendAll();
        ParentRef.SendSystemMessage(new SystemMessage.Failed(SelfRef, cause));
    }

    private void SuspendAll()
    {
        _suspended++;
        foreach (var child in Children())
        {
            child.SendSystemMessage(new SystemMessage.Suspend());
        }
    }

    private void Resume(SystemMessage.Resume resume)
    {
        if (_actor is null && _waitingFor == Wait.None)
        {
            // There is no instance to go on with: it failed in its constructor.
            Recreate(resume.CausedByFailure ?? new ActorInitializationException(SelfRef, $"{SelfRef} has no instance to resume."));
            return;
        }

        _suspended = Math.Max(0, _suspended - 1);
        if (resume.CausedByFailure is not null)
        {
            _failure = null;
            _messageOfFailure = null;
        }

        foreach (var child in Children())
        {
            child.SendSystemMessage(new SystemMessage.Resume(null));
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A strategy that throws is a failure of this actor.")]
    private void HandleFailed(SystemMessage.Failed failed)
    {
        if (!ReferenceEquals(Child(failed.Child.Path.Name), failed.Child))
        {
            return;
        }

        // A sender for the decider, but no message: should this actor fail over it, its PreRestart gets none.
        _inWork = new Envelope(null!, failed.Child);
        try
        {
            var strategy = _actor?.SupervisorStrategyOrDefault(Props) ?? Actors.SupervisorStrategy.DefaultStrategy;
            var now = System.Settings.TimeProvider.GetTimestamp();
            var verdict = strategy.Judge(failed.Cause, failed.Child, _childFailures ??= new ChildFailures(), now, System.Settings.TimeProvider);
            if (strategy.LogsFailures)
            {
                LogFailure(failed, verdict);
            }

            Apply(strategy, verdict, failed);
        }
        catch (Exception e)
        {
            Fail(e);
        }

        _inWork = default;
    }

    private void Apply(SupervisorStrategy strategy, Directive verdict, SystemMessage.Failed failed)
    {
        if (verdict == Directive.Escalate)
        {
            Fail(failed.Cause);
            return;
        }

        if (verdict == Directive.Resume)
        {
            failed.Child.SendSystemMessage(new SystemMessage.Resume(failed.Cause));
            return;
        }

        var affected = strategy.AffectsSiblings ? Children() : [failed.Child];
        foreach (var child in affected)
        {
            if (verdict == Directive.Stop)
            {
                Stop(child);
                continue;
            }

            if (!ReferenceEquals(child, failed.Child))
            {
                child.SendSystemMessage(new SystemMessage.Suspend());
            }

            child.SendSystemMessage(new SystemMessage.Recreate(failed.Cause));
        }
    }

    private void LogFailure(SystemMessage.Failed failed, Directive verdict)
    {
        var cause = failed.Cause is ActorInitializationException { InnerException: { } inner } ? inner : failed.Cause;
        if (verdict == Directive.Resume)
        {
            Log.Warning("{0} failed and goes on: {1}", failed.Child.Path, cause.Message);
        }
        else if (verdict != Directive.Escalate)
        {
            Log.Error(cause, "{0} failed and is {1}: {2}", failed.Child.Path, verdict == Directive.Stop ? "stopped" : "restarted", cause.Message);
        }
    }
}
