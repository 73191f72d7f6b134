namespace ScrapeCluster.Actors;

/// <summary>A behaviour that says by itself what it does not handle.</summary>
public delegate void UntypedReceive(object message);

/// <summary>An actor with one method for all messages; what it does not know it gives to <see cref="ActorBase.Unhandled"/>.</summary>
public abstract class UntypedActor : ActorBase
{
    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    protected abstract void OnReceive(object message);

    protected void Become(UntypedReceive receive) => Context.Become(Wrap(receive));

    protected void BecomeStacked(UntypedReceive receive) => Context.BecomeStacked(Wrap(receive));

    /// <summary>Runs an asynchronous operation as part of the message in work: the next message waits for its end.</summary>
    protected static void RunTask(Func<Task> action)
    {
        var cell = ActorCell.Current ?? throw new InvalidOperationException("RunTask works only inside an actor.");
        cell.RunTask(action);
    }

    protected static void RunTask(Action action) => RunTask(() =>
    {
        action();
        return Task.CompletedTask;
    });

    private static Receive Wrap(UntypedReceive receive) => message =>
    {
        receive(message);
        return true;
    };
}
