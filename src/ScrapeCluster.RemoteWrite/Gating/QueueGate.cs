using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Gating;

/// <summary>One queue at the gate of its node, from when it is to run until it has ended. The follower asks before each record, which costs it nothing while nothing is held.</summary>
internal sealed class QueueGate(SendingGate gate, string name, bool takesLate, Func<WalPosition> answered, LostPart? lost) : IDisposable
{
    /// <summary>Of <see cref="LostFromMs"/>: all of it is sent.</summary>
    public const long Nothing = long.MaxValue;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly object _signal = new();
    private readonly List<(WalPosition End, TaskCompletionSource<bool> Sent)> _pushes = [];
    private volatile LostPart? _lost = lost;
    private volatile Action<long>? _purge;
    private volatile bool _isFree;
    private volatile bool _hasPushes;
    private bool _isDisposed;

    public string Name { get; } = name;

    public bool HasPushes => _hasPushes;

    public bool IsSuspended => gate.IsSuspended;

    /// <summary>The queue runs.</summary>
    /// <param name="purge">Called when samples of this timestamp (ms) and newer that it holds in memory are not to be sent.</param>
    public void Enter(Action<long> purge) => _purge = purge;

    /// <summary>How far the receiver has answered.</summary>
    public WalPosition Answered() => answered();

    public bool IsOpen(WalPosition record) => _isFree || (!gate.IsSuspended && !gate.Holds(Name, record));

    /// <summary>Samples of the record that are as new as this, in milliseconds, are not to be sent.</summary>
    public long LostFromMs(WalPosition record) => _lost is { } lost && record.CompareTo(lost.Before) < 0 ? FromMs(lost) : Nothing;

    /// <summary>Until something may have changed.</summary>
    public void Wait()
    {
        lock (_signal)
        {
            Monitor.Wait(_signal, LookInterval);
        }
    }

    /// <summary>Whether the follower, who has given everything before <paramref name="read"/> to the shards, is to hurry them.</summary>
    public bool IsPushDue(WalPosition read)
    {
        lock (_signal)
        {
            return _pushes.Exists(push => push.End.CompareTo(read) <= 0);
        }
    }

    /// <summary>The receiver has answered for everything before <paramref name="read"/>.</summary>
    public void Pushed(WalPosition read)
    {
        List<TaskCompletionSource<bool>> sent;
        lock (_signal)
        {
            sent = [.. _pushes.Where(push => push.End.CompareTo(read) <= 0).Select(push => push.Sent)];
            _pushes.RemoveAll(push => push.End.CompareTo(read) <= 0);
            _hasPushes = _pushes.Count > 0;
        }

        sent.ForEach(static one => one.TrySetResult(true));
    }

    public async Task<bool> PushAsync(WalPosition end, TimeSpan within, TimeProvider time)
    {
        var sent = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_signal)
        {
            if (_isDisposed)
            {
                return false;
            }

            _pushes.Add((end, sent));
            _hasPushes = true;
        }

        try
        {
            return await sent.Task.WaitAsync(within, time);
        }
        catch (TimeoutException)
        {
            Forget(sent);
            return false;
        }
    }

    public void Lose(LostPart lost)
    {
        _lost = lost;
        _purge?.Invoke(FromMs(lost));
    }

    public void LookAgain(bool isFree)
    {
        lock (_signal)
        {
            _isFree = isFree;
            Monitor.PulseAll(_signal);
        }
    }

    /// <summary>The queue ends; whoever waits for it hears that.</summary>
    public void Dispose()
    {
        gate.Remove(this);
        List<TaskCompletionSource<bool>> waiting;
        lock (_signal)
        {
            _isDisposed = true;
            waiting = [.. _pushes.Select(push => push.Sent)];
            _pushes.Clear();
            _hasPushes = false;
        }

        waiting.ForEach(static sent => sent.TrySetResult(false));
    }

    private long FromMs(LostPart lost) => takesLate ? lost.FromMs : long.MinValue;

    private void Forget(TaskCompletionSource<bool> sent)
    {
        lock (_signal)
        {
            _pushes.RemoveAll(push => push.Sent == sent);
            _hasPushes = _pushes.Count > 0;
        }
    }
}
