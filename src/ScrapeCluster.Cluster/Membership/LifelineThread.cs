namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// Turns the lifeline on a thread of its own, as often as it wants: not on the pool, which the node's work may starve. A turn that comes late is not made up
/// for. Commands from other threads wake it.
/// </summary>
internal sealed class LifelineThread : ILifelineHand
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly LifelineLoop _loop;
    private readonly TimeProvider _time;
    private readonly Action<LifelineReport> _report;
    private readonly Queue<Action<LifelineLoop, TimeSpan>> _commands = new();
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private volatile bool _ended;
    private bool _isStarted;
    private LifelineReport _last = LifelineReport.None;

    public LifelineThread(LifelineLoop loop, TimeProvider time, Action<LifelineReport> report)
    {
        _loop = loop;
        _time = time;
        _report = report;
        _thread = new Thread(Run) { IsBackground = true, Name = "lifeline", Priority = ThreadPriority.AboveNormal };
    }

    public long? EpochNow
    {
        get
        {
            var last = Volatile.Read(ref _last);
            return last.LeaderEpoch is { } epoch && Now() < last.TrustedUntil ? epoch : null;
        }
    }

    public void Start()
    {
        _isStarted = true;
        _thread.Start();
    }

    public void LeaderDied(long epoch) => Command((loop, _) => loop.LeaderDied(epoch));

    public void Abstain() => Command(static (loop, now) => loop.Abstain(now));

    public void JumpAbove(long epoch) => Command((loop, _) => loop.JumpAbove(epoch));

    /// <summary>Gives the lease back and ends. Does not wait longer than that for a store that does not answer.</summary>
    public void Dispose()
    {
        _ended = true;
        _wake.Set();
        if (_isStarted)
        {
            _thread.Join(LongestEnd);
        }
    }

    private void Run()
    {
        var due = Now();
        while (!_ended)
        {
            var now = Now();
            Obey(now);
            Volatile.Write(ref _last, _loop.Turn(now, now > due ? now - due : TimeSpan.Zero));
            _report(_last);
            var pause = _loop.NextTurnIn;
            due = Now() + pause;
            _wake.WaitOne(pause);
        }

        try
        {
            _loop.Resign();
        }
        catch (Store.StoreUnavailableException)
        {
            // The lease runs out by itself.
        }
    }

    private TimeSpan Now() => _time.GetElapsedTime(0);

    private void Command(Action<LifelineLoop, TimeSpan> command)
    {
        lock (_lock)
        {
            _commands.Enqueue(command);
        }

        _wake.Set();
    }

    private void Obey(TimeSpan now)
    {
        lock (_lock)
        {
            while (_commands.TryDequeue(out var command))
            {
                command(_loop, now);
            }
        }
    }
}
