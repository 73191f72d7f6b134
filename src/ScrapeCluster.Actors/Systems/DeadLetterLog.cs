namespace ScrapeCluster.Actors;

/// <summary>
/// Logs dead letters: a number of them in each window one by one, the rest as one line at the next dead letter after the
/// window, so that a stopped actor under load does not flood the log.
/// </summary>
internal sealed class DeadLetterLog(ActorSystem system) : InternalActorRef
{
    private readonly Lock _lock = new();
    private TimeSpan _windowStart;
    private long _inWindow;

    public override ActorPath Path { get; } = system.RootPath.Child("deadLetterLog");

    public override void Tell(object message, IActorRef? sender)
    {
        if (message is not DeadLetter letter || IsNobodysLoss(letter))
        {
            return;
        }

        lock (_lock)
        {
            var now = system.Queue.Now;
            if (now - _windowStart >= system.Settings.DeadLetterWindow)
            {
                CloseWindow();
                _windowStart = now;
            }

            if (++_inWindow > system.Settings.DeadLettersLogged)
            {
                return;
            }
        }

        system.Log.Info("Message {0} from {1} to {2} was not delivered: a dead letter",
            letter.Message.GetType().Name, letter.Sender.Path, letter.Recipient.Path);
    }

    /// <summary>Writes what the present window kept back.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            CloseWindow();
        }
    }

    internal override void SendSystemMessage(SystemMessage message)
    {
    }

    /// <summary>What an actor told itself, be it by a task of its own that ended after it, was for nobody else.</summary>
    private bool IsNobodysLoss(DeadLetter letter) =>
        letter.Message is IDeadLetterSuppression
        || (letter.Recipient is LocalActorRef ended && ReferenceEquals(ended, letter.Sender))
        || system.Settings.DeadLettersUnlogged.Contains(letter.Message.GetType());

    private void CloseWindow()
    {
        var hidden = _inWindow - system.Settings.DeadLettersLogged;
        if (hidden > 0)
        {
            system.Log.Warning("{0} of {1} dead letters within {2} were not logged one by one",
                hidden, _inWindow, system.Settings.DeadLetterWindow);
        }

        _inWindow = 0;
    }
}
