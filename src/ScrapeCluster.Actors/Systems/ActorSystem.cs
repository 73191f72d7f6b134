namespace ScrapeCluster.Actors;

/// <summary>A tree of actors with its clock, scheduler and dead letters.</summary>
public sealed class ActorSystem : IActorRefFactory, IDisposable
{
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _terminationLock = new();
    private readonly List<Action> _onTermination = [];
    private readonly RootGuardian _root;
    private readonly LocalActorRef _user;
    private readonly LocalActorRef _system;
    private readonly DeadLetterLog _deadLetterLog;
    private long _uid;
    private long _temporaryNames;

    private ActorSystem(string name, ActorSystemSettings settings)
    {
        Name = name;
        Settings = settings;
        StartTime = settings.TimeProvider.GetUtcNow();
        EventStream = new EventStream();
        Queue = new TimerQueue(settings.TimeProvider);
        Scheduler = new TellScheduler(Queue, settings.TimeProvider);
        RootPath = ActorPath.OfRoot(name);
        Log = LogFor(RootPath);
        DeadLetterRef = new DeadLetterActorRef(RootPath.Child("deadLetters"), EventStream);
        _deadLetterLog = new DeadLetterLog(this);
        EventStream.Subscribe(_deadLetterLog, typeof(DeadLetter));
        _root = new RootGuardian(this);
        (_user, _system) = _root.Start();
    }

    public string Name { get; }

    public IActorRef DeadLetters => DeadLetterRef;

    public EventStream EventStream { get; }

    public IScheduler Scheduler { get; }

    public ILoggingAdapter Log { get; }

    public DateTimeOffset StartTime { get; }

    public TimeSpan Uptime => Queue.Now;

    /// <summary>Ends when every actor has stopped.</summary>
    public Task WhenTerminated => _terminated.Task;

    public ActorSystemSettings Settings { get; }

    internal TimerQueue Queue { get; }

    internal ActorPath RootPath { get; }

    internal DeadLetterActorRef DeadLetterRef { get; }

    internal LocalActorRef Root => _root.Ref;

    internal LocalActorRef User => _user;

    public static ActorSystem Create(string name) => Create(name, new ActorSystemSettings());

    public static ActorSystem Create(string name, ActorSystemSettings settings)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(settings);
        return new ActorSystem(name, settings);
    }

    public IActorRef ActorOf(Props props, string? name = null) => _user.Cell.ActorOf(props, name);

    public ActorSelection ActorSelection(string actorPath) => Actors.ActorSelection.Parse(this, Root, actorPath);

    public ActorSelection ActorSelection(ActorPath actorPath) =>
        Actors.ActorSelection.Parse(this, Root, actorPath.ToStringWithoutAddress());

    public void Stop(IActorRef actor)
    {
        if (actor is LocalActorRef { Cell.ParentRef: LocalActorRef parent })
        {
            parent.Cell.Stop(actor);
        }
        else
        {
            (actor as InternalActorRef)?.Stop();
        }
    }

    /// <summary>Stops all actors, those of users first.</summary>
    public Task Terminate()
    {
        Stop(_user);
        return WhenTerminated;
    }

    /// <summary>Runs <paramref name="code"/> after the last actor has stopped, before <see cref="WhenTerminated"/> ends.</summary>
    public void RegisterOnTermination(Action code)
    {
        lock (_terminationLock)
        {
            if (!_terminated.Task.IsCompleted)
            {
                _onTermination.Add(code);
                return;
            }
        }

        code();
    }

    public void Dispose() => Terminate();

    internal long NextUid() => Interlocked.Increment(ref _uid);

    internal ActorPath NextTemporaryPath() =>
        RootPath.Child("temp").Child(ActorName.Generated(Interlocked.Increment(ref _temporaryNames) - 1));

    internal ILoggingAdapter LogFor(ActorPath path) => new ActorLog(Settings.LogSink, path);

    internal void CompleteTermination()
    {
        _deadLetterLog.Flush();
        Queue.Dispose();
        lock (_terminationLock)
        {
            foreach (var code in _onTermination)
            {
                RunGuarded(code);
            }

            _terminated.TrySetResult();
        }
    }

    private void RunGuarded(Action code)
    {
        try
        {
            code();
        }
        catch (Exception e)
        {
            Log.Error(e, "An action registered for the termination of {0} failed", Name);
        }
    }
}
