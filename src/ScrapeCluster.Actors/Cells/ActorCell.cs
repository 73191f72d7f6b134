using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Actors;

/// <summary>
/// One actor's place: it stays over restarts while instances come and go. Everything here runs inside the mailbox's run, but
/// for the members said to be for any thread.
/// </summary>
internal sealed partial class ActorCell : IActorContext
{
    [ThreadStatic]
    private static ActorCell? _current;

    private readonly List<Receive> _behaviours = new(1);
    private ActorBase? _actor;
    private Envelope _inWork;

    public ActorCell(ActorSystem system, InternalActorRef parent, Props props, ActorPath path)
    {
        System = system;
        ParentRef = parent;
        Props = props;
        SelfRef = new LocalActorRef(path, this);
        Mailbox = new Mailbox(this, system.Settings.MailboxCapacity(props.Mailbox));
    }

    /// <summary>The cell whose actor runs on this thread.</summary>
    public static ActorCell? Current => _current;

    public ActorSystem System { get; }

    public Props Props { get; }

    public Mailbox Mailbox { get; }

    public LocalActorRef SelfRef { get; }

    public InternalActorRef ParentRef { get; }

    public IActorRef Self => SelfRef;

    public IActorRef Parent => ParentRef;

    public IActorRef Sender => _inWork.Sender ?? System.DeadLetters;

    public object? MessageInWork => _inWork.Message;

    /// <summary>For any thread.</summary>
    public bool IsTerminated => Mailbox.IsClosed;

    private ILoggingAdapter Log => field ??= System.LogFor(SelfRef.Path);

    /// <summary>Makes this the cell of the thread; answers the one before, to be entered again afterwards.</summary>
    public static ActorCell? Enter(ActorCell? cell)
    {
        var outer = _current;
        _current = cell;
        return outer;
    }

    public void Start() => SelfRef.SendSystemMessage(new SystemMessage.Create());

    public void Become(Receive receive)
    {
        _behaviours[^1] = receive;
    }

    public void BecomeStacked(Receive receive) => _behaviours.Add(receive);

    public void UnbecomeStacked()
    {
        if (_behaviours.Count > 1)
        {
            _behaviours.RemoveAt(_behaviours.Count - 1);
        }
    }

    public ActorSelection ActorSelection(string actorPath) => Actors.ActorSelection.Parse(System, SelfRef, actorPath);

    public ActorSelection ActorSelection(ActorPath actorPath) => System.ActorSelection(actorPath);

    /// <summary>For any thread.</summary>
    public void DeadLetter(Envelope envelope)
    {
        // A timer's own wrapper means nothing to anybody else.
        if (envelope.Message is not ActorTimer)
        {
            System.DeadLetters.Tell(new DeadLetter(envelope.Message, envelope.Sender ?? System.DeadLetters, SelfRef), envelope.Sender);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a handler throws is the supervisor's to judge.")]
    public void Invoke(Envelope envelope)
    {
        _inWork = envelope;
        try
        {
            if (_receiveTimeout is not null)
            {
                NoteReceived(envelope.Message);
            }

            switch (envelope.Message)
            {
                case ActorTimer timer:
                    ReceiveTimer(timer);
                    break;
                case IAutoReceivedMessage message:
                    AutoReceive(message);
                    break;
                default:
                    Deliver(envelope.Message);
                    break;
            }
        }
        catch (Exception e)
        {
            Fail(e);
        }

        if (!IsAwaitingTask)
        {
            _inWork = default;
        }
    }

    public void HandleSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case SystemMessage.Create:
                Create();
                break;
            case SystemMessage.Suspend:
                SuspendAll();
                break;
            case SystemMessage.Resume resume:
                Resume(resume);
                break;
            case SystemMessage.Recreate recreate:
                Recreate(recreate.Cause);
                break;
            case SystemMessage.Terminate:
                Terminate();
                break;
            case SystemMessage.Watch watch:
                AddWatcher(watch.Watcher);
                break;
            case SystemMessage.Unwatch unwatch:
                RemoveWatcher(unwatch.Watcher);
                break;
            case SystemMessage.DeathWatchNotification died:
                HandleDeath(died);
                break;
            case SystemMessage.Failed failed:
                HandleFailed(failed);
                break;
        }
    }

    private void ReceiveTimer(ActorTimer timer)
    {
        if (_timers is not null && _timers.Accept(timer))
        {
            _inWork = new Envelope(timer.Message, timer.Sender ?? SelfRef);
            if (timer.Message is IAutoReceivedMessage message)
            {
                AutoReceive(message);
            }
            else
            {
                Deliver(timer.Message);
            }
        }
    }

    private void AutoReceive(IAutoReceivedMessage message)
    {
        switch (message)
        {
            case PoisonPill:
                SelfRef.Stop();
                break;
            case Kill:
                throw new ActorKilledException($"{SelfRef} was told Kill.");
            case Identify identify:
                Sender.Tell(new ActorIdentity(identify.MessageId, SelfRef), SelfRef);
                break;
            case Terminated terminated:
                ReceiveTerminated(terminated);
                break;
        }
    }

    private void Deliver(object message)
    {
        if (!_behaviours[^1](message))
        {
            _actor!.UnhandledInternal(message);
        }
    }
}
