using ScrapeCluster.Cluster.Sending;

namespace ScrapeCluster.Tests.Cluster;

/// <summary>A node's remote write as the cluster sees it, without sending. Queues answer a push when the test says so.</summary>
internal sealed class ScriptedSending : ISending
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, HashSet<string>> _holds = [];
    private readonly List<(string Queue, TaskCompletionSource<bool> Sent)> _pushes = [];
    private readonly List<string> _told = [];
    private long _last;

    /// <summary>Names of the queues.</summary>
    public IReadOnlyList<string> Queues { get; init; } = ["q"];

    /// <summary>Null: pushes wait for <see cref="Answer"/>.</summary>
    public bool? AnswersPushes { get; set; } = true;

    public TimeSpan Lag { get; set; }

    /// <summary>What was said, in order: <c>suspend</c>, <c>resume</c>, or <c>resume</c> with the time of the take-over.</summary>
    public IReadOnlyList<string> Told
    {
        get
        {
            lock (_lock)
            {
                return [.. _told];
            }
        }
    }

    public int Pushes
    {
        get
        {
            lock (_lock)
            {
                return _pushes.Count;
            }
        }
    }

    public bool IsHeld(string queue = "q")
    {
        lock (_lock)
        {
            return _holds.Values.Any(held => held.Contains(queue));
        }
    }

    public long Hold(TimeSpan atMost)
    {
        lock (_lock)
        {
            _holds.Add(++_last, [.. Queues]);
            return _last;
        }
    }

    public void Release(long hold, string queue = "")
    {
        lock (_lock)
        {
            if (queue.Length == 0)
            {
                _holds.Remove(hold);
            }
            else if (_holds.TryGetValue(hold, out var held))
            {
                held.Remove(queue);
            }
        }
    }

    public IReadOnlyList<PushedQueue> Push(TimeSpan within)
    {
        lock (_lock)
        {
            var pushed = Queues.Select(queue => (queue, new TaskCompletionSource<bool>())).ToList();
            _pushes.AddRange(pushed);
            if (AnswersPushes is { } answer)
            {
                pushed.ForEach(one => one.Item2.SetResult(answer));
            }

            return [.. pushed.Select(one => new PushedQueue(one.queue, one.Item2.Task))];
        }
    }

    public void Answer(string queue, bool isComplete = true)
    {
        List<TaskCompletionSource<bool>> waiting;
        lock (_lock)
        {
            waiting = [.. _pushes.Where(push => push.Queue == queue).Select(push => push.Sent)];
        }

        waiting.ForEach(sent => sent.TrySetResult(isComplete));
    }

    public void Suspend() => Tell("suspend");

    public void Resume(DateTimeOffset? takenOverAt) => Tell(takenOverAt is { } at ? $"resume {at:O}" : "resume");

    private void Tell(string what)
    {
        lock (_lock)
        {
            _told.Add(what);
        }
    }
}
