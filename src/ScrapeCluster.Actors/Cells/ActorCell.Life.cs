using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Actors;

/// <summary>Birth, restart and end of the instance.</summary>
[SuppressMessage("Design", "CA1031", Justification = "Whatever an actor's hooks throw is the supervisor's to judge, or is logged.")]
internal sealed partial class ActorCell
{
    private enum Wait
    {
        None,

        /// <summary>The old instance is gone; the new one comes when the stopped children have ended.</summary>
        Restarting,

        /// <summary>The actor ends when its children have ended.</summary>
        Stopping,
    }

    private Wait _waitingFor;
    private Exception? _restartCause;
    private int _suspended;
    private Exception? _failure;

    public bool IsSuspended => _suspended > 0 || _waitingFor != Wait.None;

    private void Create()
    {
        try
        {
            var actor = NewInstance();
            actor.PreStartInternal();
        }
        catch (Exception e)
        {
            Fail(AsInitializationFailure(e));
        }
    }

    private ActorBase NewInstance()
    {
        _behaviours.Clear();
        _behaviours.Add(static _ => false);
        var actor = Props.NewActor();
        if (!ReferenceEquals(actor.Cell, this))
        {
            throw new ActorInitializationException(
                SelfRef, $"The Props of {SelfRef} gave an instance that belongs to another actor; a factory must make a new one each time.");
        }

        _actor = actor;
        _behaviours[0] = actor.InitialBehaviour;
        return actor;
    }

    private ActorInitializationException AsInitializationFailure(Exception e) =>
        e as ActorInitializationException
        ?? new ActorInitializationException(SelfRef, $"Exception during creation of {SelfRef.Path}: {e.Message}", e);

    private void Recreate(Exception cause)
    {
        if (_waitingFor == Wait.Stopping)
        {
            return;
        }

        if (_actor is { } old)
        {
            try
            {
                CancelTimersOfIncarnation();
                old.PreRestartInternal(cause, MessageOfFailure);
                _stash?.UnstashAll();
            }
            catch (Exception e)
            {
                Log.Error(e, "PreRestart of {0} failed; it is restarted all the same", SelfRef.Path);
            }

            CancelTimersOfIncarnation();
        }

        ForgetInstance();
        _restartCause = cause;
        _waitingFor = Wait.Restarting;
        ContinueWithoutChildren();
    }

    private void ContinueWithoutChildren()
    {
        if (_waitingFor == Wait.None || AwaitsChildren())
        {
            return;
        }

        if (_waitingFor == Wait.Stopping)
        {
            FinishStop();
        }
        else
        {
            FinishRestart(_restartCause!);
        }
    }

    private void FinishRestart(Exception cause)
    {
        _waitingFor = Wait.None;
        _restartCause = null;
        _failure = null;
        _messageOfFailure = null;
        _suspended = Math.Max(0, _suspended - 1);
        Statistics.CountRestart();
        var survivors = Children();
        try
        {
            var actor = NewInstance();
            actor.PostRestartInternal(cause);
            foreach (var child in survivors)
            {
                child.SendSystemMessage(new SystemMessage.Recreate(cause));
            }
        }
        catch (Exception e)
        {
            Fail(new PostRestartException(SelfRef, e, cause));
        }
    }

    private void Terminate()
    {
        if (_waitingFor == Wait.Stopping)
        {
            return;
        }

        SetReceiveTimeout(null);
        StopChildren(forGood: true);
        _waitingFor = Wait.Stopping;
        ContinueWithoutChildren();
    }

    private void FinishStop()
    {
        try
        {
            CancelTimersOfIncarnation();
            _actor?.PostStopInternal();
        }
        catch (Exception e)
        {
            Log.Error(e, "PostStop of {0} failed", SelfRef.Path);
        }

        CancelTimersOfIncarnation();
        _stash?.UnstashAll();
        ForgetInstance();
        Mailbox.Close();
        (ParentRef as LocalActorRef)?.Cell.RemoveChild(SelfRef);
        ParentRef.SendSystemMessage(new SystemMessage.DeathWatchNotification(SelfRef, existenceConfirmed: true));
        TellWatchers();
    }

    private void ForgetInstance()
    {
        _actor = null;
        _stash = null;
        _inWork = default;
        _behaviours.Clear();
        _behaviours.Add(static _ => false);
        SetReceiveTimeout(null);
    }
}
