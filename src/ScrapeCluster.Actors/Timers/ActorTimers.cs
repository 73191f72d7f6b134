namespace ScrapeCluster.Actors;

/// <summary>An actor that wants timers; the runtime sets <see cref="Timers"/> before the first message.</summary>
public interface IWithTimers
{
    ITimerScheduler Timers { get; set; }
}

/// <summary>
/// Timers of one incarnation of an actor, by key. After <see cref="Cancel"/>, or a new timer with the same key, no message of
/// the old timer arrives, not even one that waits in the mailbox.
/// </summary>
public interface ITimerScheduler
{
    IReadOnlyCollection<object> ActiveTimers { get; }

    void StartSingleTimer(object key, object msg, TimeSpan timeout);

    void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender);

    void StartPeriodicTimer(object key, object msg, TimeSpan interval);

    void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender);

    void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval);

    void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender);

    bool IsTimerActive(object key);

    void Cancel(object key);

    void CancelAll();
}

internal sealed class ActorTimers(TimerQueue queue, LocalActorRef self) : ITimerScheduler
{
    private readonly Dictionary<object, ActorTimer> _timers = [];

    public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) => Start(key, msg, timeout, null, null);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender) => Start(key, msg, timeout, null, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) => Start(key, msg, interval, interval, null);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) => Start(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) =>
        Start(key, msg, initialDelay, interval, null);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender) =>
        Start(key, msg, initialDelay, interval, sender);

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out var timer))
        {
            timer.Cancel();
        }
    }

    public void CancelAll()
    {
        foreach (var timer in _timers.Values)
        {
            timer.Cancel();
        }

        _timers.Clear();
    }

    /// <summary>Whether a tick from the mailbox is of a timer that still runs.</summary>
    internal bool Accept(ActorTimer timer)
    {
        if (!_timers.TryGetValue(timer.Key, out var present) || !ReferenceEquals(present, timer))
        {
            return false;
        }

        if (!timer.IsPeriodic)
        {
            _timers.Remove(timer.Key);
        }

        return true;
    }

    private void Start(object key, object msg, TimeSpan delay, TimeSpan? interval, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(msg);
        if (interval is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(given, TimeSpan.Zero, nameof(interval));
        }

        Cancel(key);
        var timer = new ActorTimer(queue, self, key, msg, interval, sender);
        _timers.Add(key, timer);
        queue.Add(timer, delay);
    }
}

/// <summary>A running timer, and also its own message in the mailbox: being the timer that runs is its generation.</summary>
internal sealed class ActorTimer(TimerQueue queue, LocalActorRef self, object key, object message, TimeSpan? interval, IActorRef? sender)
    : TimerEntry(queue)
{
    public object Key { get; } = key;

    public object Message { get; } = message;

    public IActorRef? Sender { get; } = sender;

    public bool IsPeriodic => interval is not null;

    internal override TimeSpan? Fire(TimeSpan now)
    {
        self.Tell(this, Sender);
        return interval is { } period ? NextTick(now, period) : null;
    }
}
