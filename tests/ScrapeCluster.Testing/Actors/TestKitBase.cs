using System.Collections.Concurrent;
using System.Diagnostics;

namespace ScrapeCluster.Testing;

/// <summary>
/// An actor that keeps what it is told, and expectations on it. Time limits here are real time and only bound how long a
/// failing test hangs; a passing one does not wait for them, <see cref="ExpectNoMsg(TimeSpan)"/> apart.
/// </summary>
public abstract class TestKitBase
{
    private const int LooksAtOnce = 100;

    private readonly BlockingCollection<(object Message, IActorRef Sender)> _received = [];
    private Stopwatch? _within;
    private TimeSpan _withinMax;

    protected TestKitBase(ActorSystem system, string? name)
    {
        Sys = system;
        TestActor = system.ActorOf(Props.Create(() => new QueueActor(_received)), name);
    }

    /// <summary>How long an expectation waits that says nothing else.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public ActorSystem Sys { get; }

    /// <summary>Tell this actor what is to be expected.</summary>
    public IActorRef TestActor { get; }

    /// <summary>Who sent the message that was expected last.</summary>
    public IActorRef LastSender { get; private set; } = ActorRefs.Nobody;

    public bool HasMessages => _received.Count > 0;

    public TestProbe CreateTestProbe(string? name = null) => new(Sys, name);

    public T ExpectMsg<T>(TimeSpan? duration = null) => Expect<T>(static _ => true, $"a {typeof(T).Name}", duration);

    public T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? duration = null) => Expect(isMessage, $"a {typeof(T).Name} that fits", duration);

    public T ExpectMsg<T>(T message, TimeSpan? duration = null) =>
        Expect<T>(m => EqualityComparer<T>.Default.Equals(m, message), $"'{message}'", duration);

    public Terminated ExpectTerminated(IActorRef target, TimeSpan? timeout = null) =>
        Expect<Terminated>(t => t.ActorRef.Equals(target), $"Terminated of {target}", timeout);

    /// <summary>Waits in real time. Where all work is known to be done by an actor, <see cref="ExpectNoMsgAfter"/> does not.</summary>
    public void ExpectNoMsg(TimeSpan duration)
    {
        if (_received.TryTake(out var taken, duration))
        {
            throw new ExpectationFailedException($"expected no message for {duration}, but received {taken.Message} from {taken.Sender}");
        }
    }

    /// <summary>No message, once each of <paramref name="actors"/> in turn has handled all that it had been told before.</summary>
    public void ExpectNoMsgAfter(params ReadOnlySpan<IActorRef> actors)
    {
        foreach (var actor in actors)
        {
            Barrier(actor);
        }

        Barrier(TestActor);
        if (_received.TryTake(out var taken))
        {
            throw new ExpectationFailedException($"expected no message, but received {taken.Message} from {taken.Sender}");
        }
    }

    /// <summary>The next message that fits; those before it are passed over.</summary>
    public T FishForMessage<T>(Predicate<T> isMessage, TimeSpan? max = null)
    {
        var limit = Remaining(max);
        var waited = Stopwatch.StartNew();
        var passed = new List<object>();
        while (_received.TryTake(out var taken, Math.Max(0, (int)(limit - waited.Elapsed).TotalMilliseconds)))
        {
            LastSender = taken.Sender;
            if (taken.Message is T message && isMessage(message))
            {
                return message;
            }

            passed.Add(taken.Message);
        }

        throw new ExpectationFailedException($"no {typeof(T).Name} that fits within {limit}; passed over: {string.Join(", ", passed)}");
    }

    /// <summary>All of <paramref name="action"/>, its expectations included, must end within <paramref name="max"/>.</summary>
    public void Within(TimeSpan max, Action action)
    {
        var (outer, outerMax) = (_within, _withinMax);
        (_within, _withinMax) = (Stopwatch.StartNew(), max);
        try
        {
            action();
            if (_within.Elapsed > max)
            {
                throw new ExpectationFailedException($"took {_within.Elapsed}, longer than {max}");
            }
        }
        finally
        {
            (_within, _withinMax) = (outer, outerMax);
        }
    }

    /// <summary>
    /// Looks again and again until the condition holds, at first at once, then every millisecond: a test that spins takes the core from the very thread it waits for,
    /// above all from one that runs at low priority.
    /// </summary>
    /// <param name="lastSeen">What a failure says.</param>
    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max = null, Func<string>? lastSeen = null)
    {
        var limit = Remaining(max);
        var waited = Stopwatch.StartNew();
        for (var looks = 0; !conditionIsFulfilled(); looks++)
        {
            if (waited.Elapsed > limit)
            {
                throw new ExpectationFailedException($"the condition did not hold within {limit}{(lastSeen is null ? "" : $": {lastSeen()}")}");
            }

            Pause(looks);
        }
    }

    /// <summary>Lets the test actor watch; <see cref="ExpectTerminated"/> sees the end.</summary>
    public IActorRef Watch(IActorRef actor)
    {
        TestActor.Tell(new QueueActor.WatchIt(actor), ActorRefs.NoSender);
        Barrier(TestActor);
        return actor;
    }

    public IActorRef Unwatch(IActorRef actor)
    {
        TestActor.Tell(new QueueActor.UnwatchIt(actor), ActorRefs.NoSender);
        Barrier(TestActor);
        return actor;
    }

    /// <summary>Returns once the actor has handled all that it had been told before.</summary>
    public static void Barrier(IActorRef actor) => actor.Ask<ActorIdentity>(new Identify("barrier")).WaitAsync(Patience).GetAwaiter().GetResult();

    private T Expect<T>(Predicate<T> isMessage, string what, TimeSpan? duration)
    {
        var limit = Remaining(duration);
        if (!_received.TryTake(out var taken, limit))
        {
            throw new ExpectationFailedException($"expected {what} within {limit}, but received nothing");
        }

        LastSender = taken.Sender;
        return taken.Message is T message && isMessage(message)
            ? message
            : throw new ExpectationFailedException($"expected {what}, but received {taken.Message} from {taken.Sender}");
    }

    private static void Pause(int looks)
    {
        if (looks < LooksAtOnce)
        {
            Thread.Yield();
        }
        else
        {
            Thread.Sleep(1);
        }
    }

    private TimeSpan Remaining(TimeSpan? given)
    {
        var limit = given ?? Patience;
        if (_within is null)
        {
            return limit;
        }

        var left = _withinMax - _within.Elapsed;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < limit ? left : limit;
    }

    private sealed class QueueActor(BlockingCollection<(object Message, IActorRef Sender)> received) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case WatchIt watch:
                    Context.Watch(watch.Actor);
                    break;
                case UnwatchIt unwatch:
                    Context.Unwatch(unwatch.Actor);
                    break;
                default:
                    received.Add((message, Sender));
                    break;
            }
        }

        public sealed record WatchIt(IActorRef Actor);

        public sealed record UnwatchIt(IActorRef Actor);
    }
}

public sealed class ExpectationFailedException(string message) : Exception(message);
