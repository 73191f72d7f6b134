using System.Collections.Concurrent;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

/// <summary>Nothing is lost, doubled or reordered per pair, whatever fails, restarts or stops meanwhile.</summary>
public sealed class StressTests : TestKit
{
    [Fact]
    public void MessageQueue_ManyProducers_KeepsEveryProducersOrder()
    {
        const int Producers = 4;
        const int Each = 200_000;
        var queue = new MessageQueue();
        var threads = Enumerable.Range(0, Producers).Select(p => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                queue.Enqueue(new Numbered(p, i), null);
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        var next = new int[Producers];
        for (var taken = 0; taken < Producers * Each;)
        {
            if (queue.TryDequeue(out var envelope))
            {
                var numbered = (Numbered)envelope.Message;
                Assert.Equal(next[numbered.Sender]++, numbered.Number);
                taken++;
            }
        }

        Assert.True(queue.IsEmpty);
        Assert.Equal(0, queue.ApproximateCount);
        Array.ForEach(threads, t => t.Join());
    }

    [Fact]
    public void RestartsUnderLoad_LoseAndReorderNothing()
    {
        const int Senders = 4;
        const int Each = 20_000;
        var seen = new ConcurrentQueue<Numbered>();
        var actor = Sys.ActorOf(Props.Create(() => new Flaky(seen)), "flaky");
        Parallel.For(0, Senders, sender =>
        {
            for (var i = 0; i < Each; i++)
            {
                actor.Tell(new Numbered(sender, i), ActorRefs.NoSender);
            }
        });
        Barrier(actor);
        for (var sender = 0; sender < Senders; sender++)
        {
            Assert.Equal(Enumerable.Range(0, Each), seen.Where(n => n.Sender == sender).Select(n => n.Number));
        }

        Assert.Equal(seen.Count(n => Flaky.FailsOn(n)), Sys.Inspect("/user/flaky")!.Restarts);
    }

    [Fact]
    public void StopsUnderLoad_EveryMessageIsHandledOrADeadLetterInOrder()
    {
        for (var round = 0; round < 30; round++)
        {
            const int Each = 2_000;
            var handled = new ConcurrentQueue<Numbered>();
            var dead = new DeadLetters();
            var deadActor = Sys.ActorOf(Props.Create(() => new DeadLetterKeeper(dead)));
            Barrier(deadActor);
            Sys.EventStream.Subscribe<DeadLetter>(deadActor);
            var actor = Watch(Sys.ActorOf(Props.Create(() => new Flaky(handled))));
            Parallel.For(0, 3, sender =>
            {
                for (var i = 0; i < Each; i++)
                {
                    if (sender == 2 && i == Each / 2)
                    {
                        Sys.Stop(actor);
                    }

                    actor.Tell(new Numbered(sender, i), ActorRefs.NoSender);
                }
            });
            FishForMessage<Terminated>(t => t.ActorRef.Equals(actor));
            AwaitCondition(() => handled.Count + dead.Messages.Count == 3 * Each);
            for (var sender = 0; sender < 3; sender++)
            {
                var first = handled.Where(n => n.Sender == sender).Select(n => n.Number).ToArray();
                Assert.Equal(Enumerable.Range(0, first.Length), first);
                var rest = dead.Messages.Where(n => n.Sender == sender).Select(n => n.Number).Order();
                Assert.Equal(Enumerable.Range(first.Length, Each - first.Length), rest);
            }

            Sys.EventStream.Unsubscribe(deadActor);
        }
    }

    [Fact]
    public void ParentsAndChildren_FailingAndStoppingAtRandom_AllEnd()
    {
        var random = new Random(7);
        for (var round = 0; round < 100; round++)
        {
            var probe = CreateTestProbe();
            var root = Watch(Sys.ActorOf(Props.Create(() => new Tree(3))));
            Barrier(root);
            for (var i = 0; i < 200; i++)
            {
                root.Tell(new Tree.Down(random.Next(4), random.Next(4), random.Next(3)), probe.Ref);
            }

            Sys.Stop(root);
            ExpectTerminated(root);
            probe.Ref.Tell(PoisonPill.Instance);
        }

        AwaitCondition(() => Sys.Inspect()!.Children.All(c => c.Type != nameof(Tree)));
    }

    private sealed record Numbered(int Sender, int Number);

    private sealed class DeadLetters
    {
        public ConcurrentQueue<Numbered> Messages { get; } = new();
    }

    private sealed class DeadLetterKeeper : ReceiveActor
    {
        public DeadLetterKeeper(DeadLetters dead) => Receive<DeadLetter>(d =>
        {
            if (d.Message is Numbered numbered)
            {
                dead.Messages.Enqueue(numbered);
            }
        });
    }

    private sealed class Flaky : ReceiveActor
    {
        public Flaky(ConcurrentQueue<Numbered> seen) => Receive<Numbered>(n =>
        {
            seen.Enqueue(n);
            if (FailsOn(n))
            {
                throw new InvalidOperationException("every thousandth");
            }
        });

        public static bool FailsOn(Numbered n) => n.Number % 1000 == 500;
    }

    /// <summary>Three children each, three levels; a message goes down at random and then fails, stops or does nothing.</summary>
    private sealed class Tree : ReceiveActor
    {
        public Tree(int levels)
        {
            if (levels > 0)
            {
                for (var i = 0; i < 3; i++)
                {
                    Context.Watch(Context.ActorOf(Props.Create(() => new Tree(levels - 1)), $"{i}"));
                }
            }

            Receive<Down>(m =>
            {
                if (m.Levels > 0 && !Context.Child($"{m.Child}").IsNobody())
                {
                    Context.Child($"{m.Child}").Forward(m with { Levels = m.Levels - 1 });
                }
                else if (m.What == 0)
                {
                    throw new InvalidOperationException("told to");
                }
                else if (m.What == 1)
                {
                    Context.Stop(Self);
                }
            });
            Receive<Terminated>(_ => { });
        }

        public sealed record Down(int Levels, int Child, int What);
    }
}
