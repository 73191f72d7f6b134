namespace ScrapeCluster.Actors;

/// <summary>The top of the tree: <c>/</c> with <c>/user</c> and <c>/system</c>, and what ends the system when they end.</summary>
internal sealed class RootGuardian
{
    private readonly ActorCell _cell;

    public RootGuardian(ActorSystem system)
    {
        var props = Props.Create(static () => new RootActor(), SupervisorStrategy.StoppingStrategy);
        _cell = new ActorCell(system, new AboveRoot(system), props, system.RootPath);
    }

    public LocalActorRef Ref => _cell.SelfRef;

    public (LocalActorRef User, LocalActorRef System) Start()
    {
        _cell.Start();
        var system = (LocalActorRef)_cell.ActorOf(Props.Create(static () => new Guardian()), "system");
        var user = (LocalActorRef)_cell.ActorOf(Props.Create(static () => new Guardian()), "user");
        Ref.Tell(new WatchUser(user), ActorRefs.NoSender);
        return (user, system);
    }

    private sealed record WatchUser(IActorRef User);

    private sealed class RootActor : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case WatchUser watch:
                    Context.Watch(watch.User);
                    break;
                case Terminated:
                    Context.Stop(Self);
                    break;
                default:
                    Unhandled(message);
                    break;
            }
        }
    }

    private sealed class Guardian : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);
    }

    /// <summary>The root's parent, which is no actor.</summary>
    private sealed class AboveRoot(ActorSystem system) : InternalActorRef
    {
        public override ActorPath Path { get; } = system.RootPath;

        public override void Tell(object message, IActorRef? sender)
        {
        }

        internal override void SendSystemMessage(SystemMessage message)
        {
            switch (message)
            {
                case SystemMessage.Failed failed:
                    system.Log.Error(failed.Cause, "The root of {0} failed; the system terminates", system.Name);
                    failed.Child.Stop();
                    break;
                case SystemMessage.DeathWatchNotification:
                    system.CompleteTermination();
                    break;
            }
        }
    }
}
