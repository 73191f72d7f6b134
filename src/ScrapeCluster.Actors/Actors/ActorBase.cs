namespace ScrapeCluster.Actors;

/// <summary>An actor: state of its own, reached by messages only, one at a time.</summary>
public abstract class ActorBase
{
    private SupervisorStrategy? _strategy;

    protected ActorBase()
    {
        Cell = ActorCell.Current
            ?? throw new InvalidOperationException($"{GetType().Name} is an actor: make it with ActorOf(Props.Create(() => new {GetType().Name}(...))).");
        if (this is IWithTimers timers)
        {
            timers.Timers = Cell.Timers;
        }

        if (this is IWithStash stash)
        {
            stash.Stash = Cell.Stash;
        }
    }

    internal ActorCell Cell { get; }

    internal virtual Receive InitialBehaviour => Receive;

    protected IActorContext Context =>
        ReferenceEquals(ActorCell.Current, Cell)
            ? Cell
            : throw new NotSupportedException(
                "There is no active ActorContext, this is most likely due to use of async operations from within this actor.");

    protected IActorRef Self => Cell.Self;

    protected IActorRef Sender => Context.Sender;

    protected abstract bool Receive(object message);

    protected void Become(Receive receive) => Context.Become(receive);

    protected void BecomeStacked(Receive receive) => Context.BecomeStacked(receive);

    protected void UnbecomeStacked() => Context.UnbecomeStacked();

    protected void SetReceiveTimeout(TimeSpan? timeout) => Context.SetReceiveTimeout(timeout);

    /// <summary>Called with every message that the behaviour did not handle.</summary>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated)
        {
            throw new DeathPactException(terminated.ActorRef);
        }

        Context.System.EventStream.Publish(new UnhandledMessage(message, Sender, Self));
    }

    /// <summary>How failing children are treated; asked once for each instance.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actors.SupervisorStrategy.DefaultStrategy;

    protected virtual void PreStart()
    {
    }

    protected virtual void PostStop()
    {
    }

    /// <summary>On the old instance before a restart: by default stops all children, then <see cref="PostStop"/>.</summary>
    protected virtual void PreRestart(Exception reason, object? message)
    {
        foreach (var child in Context.GetChildren())
        {
            Context.Unwatch(child);
            Context.Stop(child);
        }

        PostStop();
    }

    /// <summary>On the new instance after a restart: by default <see cref="PreStart"/>.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();

    internal SupervisorStrategy SupervisorStrategyOrDefault(Props props) => _strategy ??= props.SupervisorStrategy ?? SupervisorStrategy();

    internal void UnhandledInternal(object message) => Unhandled(message);

    internal void PreStartInternal() => PreStart();

    internal void PostStopInternal() => PostStop();

    internal void PreRestartInternal(Exception reason, object? message) => PreRestart(reason, message);

    internal void PostRestartInternal(Exception reason) => PostRestart(reason);
}
