namespace ScrapeCluster.Actors;

/// <summary>Timers and stash of the present incarnation, made when first asked for.</summary>
internal sealed partial class ActorCell
{
    private ActorTimers? _timers;
    private ActorStash? _stash;

    public ITimerScheduler Timers => _timers ??= new ActorTimers(System.Queue, SelfRef);

    public IStash Stash => _stash ??= new ActorStash(this);

    public Envelope InWork => _inWork;

    private void CancelTimersOfIncarnation() => _timers?.CancelAll();
}
