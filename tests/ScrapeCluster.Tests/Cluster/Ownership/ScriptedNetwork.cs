using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;

namespace ScrapeCluster.Tests.Cluster.Ownership;

/// <summary>Calls between nodes of one test: each is delivered, late, twice or never, as <see cref="Fate"/> says, when the test's clock has come so far.</summary>
internal sealed class ScriptedNetwork(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Node, string Method), Func<IMessage, Task<IMessage>>> _answers = [];
    private readonly List<(DateTimeOffset At, Action Do)> _due = [];
    private readonly Dictionary<string, int> _heldBy = new(StringComparer.Ordinal);
    private int _delivering;

    /// <param name="RequestDelays">One delivery for each; none = the request is lost.</param>
    /// <param name="AnswerDelay">Null: the answer is lost.</param>
    public sealed record Passage(IReadOnlyList<TimeSpan> RequestDelays, TimeSpan? AnswerDelay)
    {
        public static readonly Passage AtOnce = new([TimeSpan.Zero], TimeSpan.Zero);

        public static readonly Passage Lost = new([], null);

        public static readonly Passage AnswerLost = new([TimeSpan.Zero], null);
    }

    public sealed record Call(string From, string To, string Method, IMessage Request);

    public Func<Call, Passage> Fate { get; set; } = static _ => Passage.AtOnce;

    public List<Call> Calls { get; } = [];

    public HashSet<string> CutOff { get; } = new(StringComparer.Ordinal);

    public int Delivering => Volatile.Read(ref _delivering);

    public int HeldBy(string node)
    {
        lock (_lock)
        {
            return _heldBy.GetValueOrDefault(node);
        }
    }

    public IEnumerable<T> Requests<T>(string from)
        where T : IMessage
    {
        lock (_lock)
        {
            return [.. Calls.Where(call => call.From == from).Select(call => call.Request).OfType<T>()];
        }
    }

    public IPeers PeersOf(string node) => new Peers(this, node);

    public IPeerRoutes RoutesOf(string node) => new Routes(this, node);

    /// <summary>What is due is done; true when there was something.</summary>
    public bool Pump()
    {
        List<Action> due;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            due = [.. _due.Where(entry => entry.At <= now).Select(entry => entry.Do)];
            _due.RemoveAll(entry => entry.At <= now);
        }

        due.ForEach(action => action());
        return due.Count > 0;
    }

    private Task<IMessage> Begin(Call call, TimeSpan timeout)
    {
        var answer = new Answer(this, call.From);
        lock (_lock)
        {
            Calls.Add(call);
            _heldBy[call.From] = _heldBy.GetValueOrDefault(call.From) + 1;
            var fate = CutOff.Contains(call.From) || CutOff.Contains(call.To) ? Passage.Lost : Fate(call);
            foreach (var delay in fate.RequestDelays)
            {
                After(delay, () => Deliver(call, fate, answer));
            }

            After(timeout, () => answer.Fail($"{call.To} did not answer"));
        }

        return answer.Task;
    }

    private void Deliver(Call call, Passage fate, Answer answer)
    {
        Func<IMessage, Task<IMessage>>? route;
        lock (_lock)
        {
            if (CutOff.Contains(call.From) || CutOff.Contains(call.To) || !_answers.TryGetValue((call.To, call.Method), out route))
            {
                return;
            }
        }

        // An answer to Prepare may take seconds; all others come at once.
        var counts = call.Method != PeerMethods.Prepare;
        Interlocked.Add(ref _delivering, counts ? 1 : 0);
        route(call.Request).ContinueWith(
            done =>
            {
                if (fate.AnswerDelay is { } delay)
                {
                    After(delay, () => Return(done, answer));
                }

                Interlocked.Add(ref _delivering, counts ? -1 : 0);
            },
            TaskScheduler.Default);
    }

    private static void Return(Task<IMessage> done, Answer answer)
    {
        if (done.IsCompletedSuccessfully)
        {
            answer.Give(done.Result);
        }
        else
        {
            answer.Fail(done.Exception?.InnerException?.Message ?? "cancelled");
        }
    }

    private void After(TimeSpan delay, Action action)
    {
        lock (_lock)
        {
            _due.Add((time.GetUtcNow() + delay, action));
        }
    }

    private bool End(string node, ref bool isHeld)
    {
        lock (_lock)
        {
            var ended = isHeld;
            isHeld = false;
            _heldBy[node] -= ended ? 1 : 0;
            return ended;
        }
    }

    /// <summary>What a caller waits for. The network holds the call no more before the caller can know: from here on it is the caller that has something to do.</summary>
    private sealed class Answer(ScriptedNetwork network, string from)
    {
        private readonly TaskCompletionSource<IMessage> _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _isHeld = true;

        public Task<IMessage> Task => _given.Task;

        public void Give(IMessage message)
        {
            if (network.End(from, ref _isHeld))
            {
                _given.SetResult(message);
            }
        }

        public void Fail(string fault)
        {
            if (network.End(from, ref _isHeld))
            {
                _given.SetException(new PeerUnavailableException(fault, isRefused: false));
            }
        }
    }

    private sealed class Peers(ScriptedNetwork network, string self) : IPeers
    {
        public async Task<TAnswer> CallAsync<TAnswer>(
            PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, TimeSpan timeout, CancellationToken cancellation)
            where TAnswer : IMessage<TAnswer> => (TAnswer)await network.Begin(new Call(self, to.Node, method, request), timeout);

        public IAsyncEnumerable<TAnswer> StreamAsync<TAnswer>(PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, CancellationToken cancellation)
            where TAnswer : IMessage<TAnswer> => throw new NotSupportedException();

        public Task<bool> IsListeningAsync(PeerAddress to, TimeSpan timeout, CancellationToken cancellation) => throw new NotSupportedException();
    }

    private sealed class Routes(ScriptedNetwork network, string self) : IPeerRoutes
    {
        public void Answer<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, Task<IMessage>> answer)
            where TRequest : IMessage<TRequest>
        {
            lock (network._lock)
            {
                // As over a wire: the receiver gets a copy.
                network._answers[(self, method)] = request => answer(parser.ParseFrom(request.ToByteArray()), CancellationToken.None);
            }
        }

        public void Stream<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, IAsyncEnumerable<IMessage>> answers)
            where TRequest : IMessage<TRequest> => throw new NotSupportedException();
    }
}
