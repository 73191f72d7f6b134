using System.Collections.Concurrent;
using System.Diagnostics;

namespace ScrapeCluster.Actors;

/// <summary>
/// What waits for one actor, and the right to run it. Whoever moves the status from idle to scheduled queues the mailbox on
/// the thread pool; only the run that follows touches the actor and the consuming side of the queues.
/// </summary>
/// <remarks>
/// No wake-up is lost: a producer reserves its place (full fence) and then reads the status, the run sets the status to idle
/// (full fence) and then looks for work; one of the two sees the other.
/// Order of work: continuations of an asynchronous handler, then system messages, then unstashed and ordinary messages.
/// </remarks>
internal sealed class Mailbox(ActorCell cell, int capacity) : IThreadPoolWorkItem
{
    /// <summary>Messages handled before others get the thread.</summary>
    private const int Throughput = 100;

    private const int Idle = 0;
    private const int Scheduled = 1;
    private const int Closed = 2;

    private static readonly SystemMessage ClosedMark = new SystemMessage.Terminate();

    private readonly MessageQueue _messages = new();
    private readonly Lock _drain = new();
    private int _status;
    private SystemMessage? _system;
    private SystemMessage? _systemInOrder;
    private ConcurrentQueue<Continuation>? _continuations;
    private Stack<Envelope>? _front;
    private long _processed;
    private long _handlerTicks;

    public bool IsClosed => Volatile.Read(ref _status) == Closed;

    public long ApproximateCount => _messages.ApproximateCount + (_front?.Count ?? 0);

    public long Processed => Volatile.Read(ref _processed);

    public TimeSpan HandlerTime => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _handlerTicks));

    private bool HasWork =>
        _continuations is { IsEmpty: false }
        || (!cell.IsAwaitingTask
            && (_systemInOrder is not null || Volatile.Read(ref _system) is not null
                || (!cell.IsSuspended && (_front is { Count: > 0 } || !_messages.IsEmpty))));

    public void Post(object message, IActorRef? sender)
    {
        if (IsClosed || (capacity != int.MaxValue && _messages.ApproximateCount >= capacity))
        {
            ToDeadLetters(new Envelope(message, sender));
            return;
        }

        _messages.Enqueue(message, sender);
        switch (Volatile.Read(ref _status))
        {
            case Idle:
                Schedule(preferLocal: true);
                break;
            case Closed:
                DrainToDeadLetters();
                break;
        }
    }

    public void PostSystem(SystemMessage message)
    {
        while (true)
        {
            var first = Volatile.Read(ref _system);
            if (ReferenceEquals(first, ClosedMark))
            {
                message.AnswerForDead();
                return;
            }

            message.Next = first;
            if (Interlocked.CompareExchange(ref _system, message, first) == first)
            {
                break;
            }
        }

        if (Volatile.Read(ref _status) == Idle)
        {
            Schedule(preferLocal: true);
        }
    }

    /// <summary>Queues the rest of an asynchronous handler. After the end of the actor it runs on its own, so that its finally blocks do.</summary>
    public void PostContinuation(SendOrPostCallback callback, object? state)
    {
        var continuations = Volatile.Read(ref _continuations)
            ?? Interlocked.CompareExchange(ref _continuations, new ConcurrentQueue<Continuation>(), null)
            ?? Volatile.Read(ref _continuations)!;
        continuations.Enqueue(new Continuation(callback, state));
        Interlocked.MemoryBarrier();
        switch (Volatile.Read(ref _status))
        {
            case Idle:
                Schedule(preferLocal: true);
                break;
            case Closed:
                ReleaseContinuations();
                break;
        }
    }

    /// <summary>Puts messages before all that wait; the first of the list comes first. Only for the running actor.</summary>
    public void PutInFront(IReadOnlyList<Envelope> envelopes)
    {
        _front ??= new Stack<Envelope>(envelopes.Count);
        for (var i = envelopes.Count - 1; i >= 0; i--)
        {
            _front.Push(envelopes[i]);
        }
    }

    /// <summary>Ends the mailbox: what waits and what still comes is a dead letter. Only for the running actor.</summary>
    public void Close()
    {
        Interlocked.Exchange(ref _status, Closed);
        var rest = Interlocked.Exchange(ref _system, ClosedMark);
        AnswerAllForDead(_systemInOrder);
        AnswerAllForDead(Reverse(rest));
        _systemInOrder = null;
        while (_front is { Count: > 0 })
        {
            ToDeadLetters(_front.Pop());
        }

        DrainToDeadLetters();
        ReleaseContinuations();
    }

    void IThreadPoolWorkItem.Execute()
    {
        var outer = ActorCell.Enter(cell);
        var start = Stopwatch.GetTimestamp();
        try
        {
            Run();
        }
        finally
        {
            Volatile.Write(ref _handlerTicks, _handlerTicks + Stopwatch.GetTimestamp() - start);
            ActorCell.Enter(outer);
        }

        if (Interlocked.CompareExchange(ref _status, Idle, Scheduled) == Scheduled && HasWork)
        {
            // Not local: the own queue is last in first out, and others wait in it.
            Schedule(preferLocal: false);
        }
    }

    private void Run()
    {
        for (var left = Throughput; left > 0 && !IsClosed; left--)
        {
            RunContinuations();
            if (cell.IsAwaitingTask)
            {
                return;
            }

            if (NextSystemMessage() is { } system)
            {
                cell.HandleSystemMessage(system);
            }
            else if (!cell.IsSuspended && TryNext(out var envelope))
            {
                _processed++;
                cell.Invoke(envelope);
            }
            else
            {
                return;
            }
        }
    }

    private void RunContinuations()
    {
        while (_continuations is not null && _continuations.TryDequeue(out var continuation))
        {
            cell.RunContinuation(continuation);
        }
    }

    private SystemMessage? NextSystemMessage()
    {
        if (_systemInOrder is null)
        {
            if (Volatile.Read(ref _system) is null)
            {
                return null;
            }

            _systemInOrder = Reverse(Interlocked.Exchange(ref _system, null));
        }

        var message = _systemInOrder!;
        _systemInOrder = message.Next;
        message.Next = null;
        return message;
    }

    private bool TryNext(out Envelope envelope)
    {
        if (_front is { Count: > 0 })
        {
            envelope = _front.Pop();
            return true;
        }

        return _messages.TryDequeue(out envelope);
    }

    private void Schedule(bool preferLocal)
    {
        if (Interlocked.CompareExchange(ref _status, Scheduled, Idle) == Idle)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal);
        }
    }

    private void DrainToDeadLetters()
    {
        // Producers that lost the race against Close drain for themselves; the lock makes them one consumer.
        lock (_drain)
        {
            while (_messages.TryDequeue(out var envelope))
            {
                ToDeadLetters(envelope);
            }
        }
    }

    private void ReleaseContinuations()
    {
        while (_continuations is not null && _continuations.TryDequeue(out var continuation))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static c => c.Callback(c.State), continuation, preferLocal: false);
        }
    }

    private void ToDeadLetters(Envelope envelope) => cell.DeadLetter(envelope);

    private static void AnswerAllForDead(SystemMessage? first)
    {
        for (var message = first; message is not null; message = message.Next)
        {
            message.AnswerForDead();
        }
    }

    private static SystemMessage? Reverse(SystemMessage? newestFirst)
    {
        SystemMessage? oldestFirst = null;
        while (newestFirst is not null)
        {
            (newestFirst.Next, oldestFirst, newestFirst) = (oldestFirst, newestFirst, newestFirst.Next);
        }

        return oldestFirst;
    }

    internal readonly record struct Continuation(SendOrPostCallback Callback, object? State);
}
