namespace ScrapeCluster.Actors;

/// <summary>An actor whose behaviour is a list of typed handlers, tried in the order in which they were given.</summary>
public abstract class ReceiveActor : UntypedActor
{
    private HandlerList? _open = new();
    private readonly HandlerList _initial;

    protected ReceiveActor() => _initial = _open!;

    internal sealed override Receive InitialBehaviour
    {
        get
        {
            _open = null;
            return _initial.Handle;
        }
    }

    protected sealed override void OnReceive(object message)
    {
        if (!_initial.Handle(message))
        {
            Unhandled(message);
        }
    }

    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => Add(new SyncHandler<T>(handler, shouldHandle));

    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    /// <summary>A handler that answers whether it took the message.</summary>
    protected void Receive<T>(Func<T, bool> handler) => Add(new ChoosingHandler<T>(handler));

    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) =>
        Add(new SyncHandler<T>(message => RunTask(() => handler(message)), shouldHandle));

    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => ReceiveAsync(handler, shouldHandle);

    protected void ReceiveAny(Action<object> handler) => Add(new SyncHandler<object>(handler, null), last: true);

    protected void ReceiveAnyAsync(Func<object, Task> handler) =>
        Add(new SyncHandler<object>(message => RunTask(() => handler(message)), null), last: true);

    /// <summary>Replaces the behaviour by the handlers that <paramref name="configure"/> gives.</summary>
    protected void Become(Action configure) => Context.Become(Build(configure));

    /// <summary>As <see cref="Become(Action)"/>, keeping the present behaviour below.</summary>
    protected void BecomeStacked(Action configure) => Context.BecomeStacked(Build(configure));

    private Receive Build(Action configure)
    {
        var outer = _open;
        var handlers = _open = new HandlerList();
        try
        {
            configure();
        }
        finally
        {
            _open = outer;
        }

        return handlers.Handle;
    }

    private void Add(Handler handler, bool last = false)
    {
        var open = _open ?? throw new InvalidOperationException(
            "You may only call Receive-methods when constructing the actor and inside Become().");
        open.Add(handler, last);
    }

    private abstract class Handler
    {
        public abstract bool TryHandle(object message);
    }

    private sealed class SyncHandler<T>(Action<T> handler, Predicate<T>? shouldHandle) : Handler
    {
        public override bool TryHandle(object message)
        {
            if (message is not T typed || (shouldHandle is not null && !shouldHandle(typed)))
            {
                return false;
            }

            handler(typed);
            return true;
        }
    }

    private sealed class ChoosingHandler<T>(Func<T, bool> handler) : Handler
    {
        public override bool TryHandle(object message) => message is T typed && handler(typed);
    }

    private sealed class HandlerList
    {
        private Handler[] _handlers = [];
        private bool _closed;

        public void Add(Handler handler, bool last)
        {
            if (_closed)
            {
                throw new InvalidOperationException("A handler added after ReceiveAny would never be reached.");
            }

            _handlers = [.. _handlers, handler];
            _closed = last;
        }

        public bool Handle(object message)
        {
            foreach (var handler in _handlers)
            {
                if (handler.TryHandle(message))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
