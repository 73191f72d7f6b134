using System.Diagnostics;
using System.Globalization;

namespace ScrapeCluster.Benchmarks.Actors;

/// <summary>
/// <c>-- actors</c>: the message rates of the actor runtime in the program shapes for which figures of Akka.NET's core are
/// known (docs/benchmarks.md). A plain program, since each figure is of a whole run on all cores, not of one call.
/// </summary>
internal static class ActorsMode
{
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        using var system = ActorSystem.Create("bench");
        await PrintRateAsync("Tell to a ReceiveActor", () => TellAsync(system, 5_000_000)).ConfigureAwait(false);
        await PrintRateAsync("ping-pong, 1 in flight", () => PingPongAsync(system, 1_000_000, 1)).ConfigureAwait(false);
        await PrintRateAsync("ping-pong, 100 in flight", () => PingPongAsync(system, 4_000_000, 100)).ConfigureAwait(false);
        await PrintAskAsync(system, 200_000).ConfigureAwait(false);
        await PrintRateAsync("Ask, 64 concurrent askers", () => AskConcurrentlyAsync(system, 64, 10_000)).ConfigureAwait(false);
        await system.Terminate().ConfigureAwait(false);
    }

    private static async Task PrintRateAsync(string name, Func<Task<double>> round)
    {
        await round().ConfigureAwait(false);
        var rates = new double[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            rates[i] = await round().ConfigureAwait(false);
        }

        Array.Sort(rates);
        Print($"{name,-28} median {rates[Rounds / 2] / 1e6,7:F2} M/s   range {rates[0] / 1e6:F2} to {rates[^1] / 1e6:F2}");
    }

    private static async Task<double> TellAsync(ActorSystem system, int messages)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var counter = system.ActorOf(Props.Create(() => new Counter(messages, done)));
        var message = new Ping();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < messages; i++)
        {
            counter.Tell(message, ActorRefs.NoSender);
        }

        await done.Task.ConfigureAwait(false);
        var rate = messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
        system.Stop(counter);
        return rate;
    }

    private static async Task<double> PingPongAsync(ActorSystem system, int messages, int inFlight)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ponger = system.ActorOf(Props.Create(() => new Ponger()));
        var pinger = system.ActorOf(Props.Create(() => new Pinger(ponger, messages / 2, done)));
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < inFlight; i++)
        {
            ponger.Tell(new Ping(), pinger);
        }

        await done.Task.ConfigureAwait(false);
        var rate = messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
        system.Stop(pinger);
        system.Stop(ponger);
        return rate;
    }

    private static async Task PrintAskAsync(ActorSystem system, int asks)
    {
        var ponger = system.ActorOf(Props.Create(() => new Ponger()));
        var means = new double[Rounds];
        var tails = new double[Rounds];
        var times = new long[asks];
        for (var round = -1; round < Rounds; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            for (var i = 0; i < asks; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await ponger.Ask<Pong>(Ping.Instance, TimeSpan.FromSeconds(5)).ConfigureAwait(false);
                times[i] = Stopwatch.GetTimestamp() - start;
            }

            if (round >= 0)
            {
                means[round] = Stopwatch.GetElapsedTime(begin).TotalMicroseconds / asks;
                Array.Sort(times);
                tails[round] = Stopwatch.GetElapsedTime(0, times[(int)(asks * 0.99)]).TotalMicroseconds;
            }
        }

        Array.Sort(means);
        Array.Sort(tails);
        Print($"{"Ask, one after the other",-28} median {means[Rounds / 2],7:F2} us    range {means[0]:F2} to {means[^1]:F2}, p99 {tails[Rounds / 2]:F1} us");
        system.Stop(ponger);
    }

    private static async Task<double> AskConcurrentlyAsync(ActorSystem system, int askers, int asksEach)
    {
        var ponger = system.ActorOf(Props.Create(() => new Ponger()));
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, askers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < asksEach; i++)
            {
                await ponger.Ask<Pong>(Ping.Instance, TimeSpan.FromSeconds(5)).ConfigureAwait(false);
            }
        }))).ConfigureAwait(false);
        var rate = askers * asksEach / Stopwatch.GetElapsedTime(start).TotalSeconds;
        system.Stop(ponger);
        return rate;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private sealed class Ping
    {
        public static readonly Ping Instance = new();
    }

    private sealed class Pong
    {
        public static readonly Pong Instance = new();
    }

    private sealed class Counter : ReceiveActor
    {
        private int _left;

        public Counter(int messages, TaskCompletionSource done)
        {
            _left = messages;
            Receive<Ping>(_ =>
            {
                if (--_left == 0)
                {
                    done.SetResult();
                }
            });
        }
    }

    private sealed class Ponger : ReceiveActor
    {
        public Ponger() => Receive<Ping>(_ => Sender.Tell(Pong.Instance, Self));
    }

    private sealed class Pinger : ReceiveActor
    {
        private int _left;

        public Pinger(IActorRef ponger, int messages, TaskCompletionSource done)
        {
            _left = messages;
            Receive<Pong>(_ =>
            {
                if (--_left > 0)
                {
                    ponger.Tell(Ping.Instance, Self);
                }
                else if (_left == 0)
                {
                    done.SetResult();
                }
            });
        }
    }
}
