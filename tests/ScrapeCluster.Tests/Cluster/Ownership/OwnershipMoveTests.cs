using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Ownership;

/// <summary>A planned move from a to b, in order and broken at every step: a scrape may be made twice, none is left out.</summary>
public sealed class OwnershipMoveTests : IDisposable
{
    private static readonly ScrapeTarget[] Targets = [.. Enumerable.Range(1, 8).Select(number => OwnershipWorld.Target((ulong)number))];
    private static readonly ulong[] Hashes = [.. Targets.Select(target => target.Hash)];
    private readonly OwnershipWorld _world = new("a", "b");

    public OwnershipMoveTests()
    {
        _world.Commit(commit => commit with { TargetSets = [_world.Set(Targets)], Assignments = [_world.Row("a")] });
        _world.Read();
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void InOrder_NothingIsMissedOrDoubledAndTheLinesGoAlong()
    {
        var answer = Prepare("b", epoch: 1);
        Assert.Single(answer.Prepared);
        Assert.Equal("", answer.Fault);
        Assert.Single(_world["b"].Pools.Told.OfType<PrepareTargets>());

        Move();
        Assert.Equal((0, 0), _world.Watch(5, Hashes));

        Assert.Equal(["b"], _world.ScrapersOf(1));
        Assert.Equal(Hashes, _world["b"].Pools.Adopted.Select(line => line.TargetHash).Order());
        Assert.Empty(_world["a"].Pools.Marked);
        Assert.Empty(_world["a"].Pools.LastPlan.Targets);
        Assert.Empty(_world["a"].Picture.Slots);
        Assert.Equal(0, _world["a"].Doubled);
        Assert.Equal(0, _world["b"].LateStarts);
    }

    [Fact]
    public void TargetsAreTheSame_WhenTheWindowChanges()
    {
        Move();
        _world.Advance(1);

        Assert.All(_world["a"].Pools.LastPlan.Targets, target => Assert.Equal(_world["b"].Pools.LastPlan.Targets[0].Window.From, target.Window.Until));
    }

    [Theory]
    [InlineData(PeerMethods.Acknowledge)]
    [InlineData(PeerMethods.HandOver)]
    public void RequestsLost_AreSaidAgain(string method)
    {
        var lost = 4;
        _world.Network.Fate = call => call.Method == method && lost-- > 0 ? ScriptedNetwork.Passage.Lost : ScriptedNetwork.Passage.AtOnce;
        Move();

        Assert.Equal(0, _world.Watch(60, Hashes).Missed);
        Assert.Equal(Hashes, _world["b"].Pools.Adopted.Select(line => line.TargetHash).Order());
        Assert.Empty(_world["a"].Picture.Slots);
    }

    [Fact]
    public void AcknowledgementLost_TheOldOwnerGoesOnUntilItComes()
    {
        _world.Network.Fate = call => call.Request is AcknowledgeRequest ? ScriptedNetwork.Passage.Lost : ScriptedNetwork.Passage.AtOnce;
        Move();
        var (missed, doubled) = _world.Watch(6, Hashes);
        Assert.Equal(0, missed);
        Assert.True(doubled > 0);
        Assert.Equal(1, _world["a"].Doubled);

        _world.Network.Fate = static _ => ScriptedNetwork.Passage.AtOnce;
        Assert.Equal(0, _world.Watch(4, Hashes).Missed);
        Assert.Equal(["b"], _world.ScrapersOf(1));
        Assert.Equal((0, 0), _world.Watch(2, Hashes));
        _world.Await(() => Doubled().Any());
        Assert.Single(Doubled());
    }

    [Fact]
    public void AnswersLost_ChangeNothing()
    {
        _world.Network.Fate = static _ => ScriptedNetwork.Passage.AnswerLost;
        Move();

        Assert.Equal((0, 0), _world.Watch(30, Hashes));
        Assert.Equal(Hashes, _world["b"].Pools.Adopted.Select(line => line.TargetHash).Order());
    }

    [Fact]
    public void EverythingTwiceAndLate_IsAdoptedOnce()
    {
        _world.Network.Fate = static _ => new ScriptedNetwork.Passage([TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(0.9)], TimeSpan.FromSeconds(0.5));
        Move();

        Assert.Equal((0, 0), _world.Watch(10, Hashes));
        Assert.Equal(Hashes, _world["b"].Pools.Adopted.Select(line => line.TargetHash).Order());
    }

    [Fact]
    public void LinesOfLargeTargets_GoInParcels()
    {
        var packed = new byte[1_500_000];
        _world["a"].Pools.Lines = _ => packed;
        Move();
        _world.Advance(4);

        var requests = _world.Network.Requests<HandOverRequest>("a").ToList();
        Assert.Equal(4, requests.Count);
        Assert.All(requests, request => Assert.True(request.CalculateSize() < 4 << 20));
        Assert.Equal([false, false, false, true], requests.Select(request => request.IsLast));
        Assert.Equal(8, _world["b"].Pools.Adopted.Count);
    }

    [Fact]
    public void OldOwnerReadsTheRowLate_ItGoesOnUntilThen()
    {
        Give("b", "a");
        _world.Read("b");
        Assert.Equal(0, _world.Watch(5, Hashes).Missed);
        Assert.Equal(["a", "b"], _world.ScrapersOf(1));

        _world.Read("a");
        Assert.Equal((0, 0), _world.Watch(5, Hashes));
        Assert.Equal(["b"], _world.ScrapersOf(1));
        Assert.Equal(8, _world["b"].Pools.Adopted.Count);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void EitherCutOffFromTheOther_NothingIsMissed(string node)
    {
        Give("b", "a");
        _world.Network.CutOff.Add(node);
        _world.Read();
        Assert.Equal(0, _world.Watch(10, Hashes).Missed);
        Assert.Equal(["a", "b"], _world.ScrapersOf(1));

        _world.Network.CutOff.Clear();
        Assert.Equal(0, _world.Watch(4, Hashes).Missed);
        Assert.Equal(["b"], _world.ScrapersOf(1));
        Assert.Equal(Hashes, _world["b"].Pools.Adopted.Select(line => line.TargetHash).Order());
    }

    [Fact]
    public void NewOwnerReadsTheRowLate_TheOldOneGoesOn()
    {
        Give("b", "a");
        _world.Read("a");
        Assert.Equal((0, 0), _world.Watch(5, Hashes));
        Assert.Equal(1, _world["a"].Doubled);

        _world.Read("b");
        Assert.Equal(0, _world.Watch(5, Hashes).Missed);
        Assert.Equal(1, _world["b"].LateStarts);
        Assert.Equal(["b"], _world.ScrapersOf(1));
    }

    [Fact]
    public void NewOwnerHasNoTargets_ItDoesNotAcknowledge()
    {
        _world.Store.IsDown = true;
        Move();
        Assert.Equal((0, 0), _world.Watch(5, Hashes));
        Assert.Equal(["a"], _world.ScrapersOf(1));

        _world.Store.IsDown = false;
        Assert.Equal(0, _world.Watch(5, Hashes).Missed);
        Assert.Equal(["b"], _world.ScrapersOf(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void OldOwnerKilled_TheNewOneScrapesFromTheInstantAndInherits(double after)
    {
        _world.Advance(5);
        Move();
        _world.Network.CutOff.Add("a");
        _world.Advance(after);
        _world.Kill("a");
        _world.SetState("a", MemberState.Down);
        _world["b"].Actor.Tell(new ClusterNews.MemberGone("a"), ActorRefs.NoSender);
        _world.Read("b");
        _world.Advance(3);

        Assert.Equal((0, 0), _world.Watch(2, Hashes));
        Assert.Equal(Hashes, _world["b"].Pools.Adopted.Select(line => line.TargetHash).Order());
        Assert.Empty(_world["b"].Picture.Inherits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2.5)]
    public void NewOwnerKilled_TheSlotComesBack(double after)
    {
        _world.Network.Fate = call => call.Request is HandOverRequest ? ScriptedNetwork.Passage.Lost : ScriptedNetwork.Passage.AtOnce;
        Move();
        _world.Advance(after);
        _world.Kill("b");
        _world["a"].Actor.Tell(new ClusterNews.MemberGone("b"), ActorRefs.NoSender);
        _world.Commit(commit => commit with { Members = [Down("b")], Assignments = [_world.Row("a", "b", reason: "orphaned")] });
        _world.Read("a");

        Assert.Equal((0, 0), _world.Watch(5, Hashes));
        Assert.Empty(_world["a"].Pools.Marked);
        Assert.False(Assert.Single(_world["a"].Picture.Slots).HandsOver);
    }

    [Fact]
    public void CalledBackBeforeTheInstant_TheOldOwnerNeverStops()
    {
        Move();
        _world.Advance(1);
        Give("a", "b");
        _world.Read();

        // Between the two instants both scrape: b gave its word for the first, and a cannot know whether it still will.
        Assert.Equal(0, _world.Watch(2, Hashes).Missed);
        Assert.Equal((0, 0), _world.Watch(5, Hashes));
        Assert.Equal(["a"], _world.ScrapersOf(1));
        Assert.Empty(_world["b"].Pools.Marked);
        Assert.Empty(_world["b"].Picture.Slots);
    }

    [Fact]
    public void OldOwnerRestarted_TheNewOneStopsWaitingForItsLines()
    {
        _world.Advance(5);
        Move();
        _world["a"].Actor.Tell(new ClusterNews.Expelled(1), ActorRefs.NoSender);
        _world["a"].ReadFromTheStart();
        _world.Read();
        _world.Advance(5);

        Assert.Equal(["b"], _world.ScrapersOf(1));
        var said = _world.Network.Requests<AcknowledgeRequest>("b").Count();
        _world.Advance(5);
        Assert.Equal(said, _world.Network.Requests<AcknowledgeRequest>("b").Count());
        Assert.Equal(Hashes, _world["b"].Pools.Adopted.Select(line => line.TargetHash).Order());
    }

    [Fact]
    public void PoolsLostWhileHandingOver_TheMoveEnds()
    {
        _world["a"].Pools.AnswersRelease = false;
        Move();
        _world.Advance(3);
        Assert.True(Assert.Single(_world["a"].Picture.Slots).HandsOver);

        _world["a"].Pools.AnswersRelease = true;
        _world["a"].Actor.Tell(new ScrapeCluster.Cluster.Ownership.ResendSlotPlans(), ActorRefs.NoSender);
        _world.Advance(2);
        Assert.Empty(_world["a"].Picture.Slots);
    }

    [Fact]
    public void Prepare_OfAnOldEpoch_IsRefused()
    {
        var answer = Prepare("b", epoch: 0);

        Assert.Empty(answer.Prepared);
        Assert.Contains("epoch 1", answer.Fault, StringComparison.Ordinal);
        Assert.Empty(_world["b"].Pools.Told);
    }

    [Fact]
    public void Prepare_WithPoolsThatAreSlow_AnswersWithWhatIsReady()
    {
        _world["b"].Pools.AnswersPrepare = false;
        var asked = Begin("b", epoch: 1);
        _world.Advance(3.5);
        Assert.False(asked.IsCompleted);

        _world.Advance(1);
        var answer = End(asked);
        Assert.Empty(answer.Prepared);
        Assert.NotEqual("", answer.Fault);
    }

    [Fact]
    public void Prepare_WithoutTheStore_AnswersThatNothingIsReady()
    {
        _world.Store.IsDown = true;
        var asked = Begin("b", epoch: 1);
        _world.Advance(4.5);

        Assert.Empty(End(asked).Prepared);
    }

    [Fact]
    public void Prepared_ThenAbandoned_IsForgotten()
    {
        Prepare("b", epoch: 1);
        _world.Advance(31);

        Assert.Empty(_world["b"].Picture.Slots);
        Assert.Empty(_world["b"].Pools.Plans);
    }

    /// <summary>
    /// Moves between three nodes at random, while requests and answers are lost, doubled and late: nothing is missed, and nothing doubled unless an
    /// acknowledgement was late.
    /// </summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void RandomMoves_NothingIsMissed(int seed, bool isCalm)
    {
        const int Buckets = 4;
        var random = new Random(seed);
        using var world = new OwnershipWorld("a", "b", "c");
        var names = new[] { "a", "b", "c" };
        world.Commit(commit => commit with
        {
            TargetSets = [.. Enumerable.Range(0, Buckets).Select(bucket => world.Set(Targets, bucket, Buckets))],
            Assignments = [.. Enumerable.Range(0, Buckets).Select(bucket => world.Row(names[bucket % 3], bucket: bucket, count: Buckets))],
        });
        world.Read();
        world.Network.Fate = _ => isCalm ? Calm(random) : Rough(random);
        var (missed, doubled, moves) = (0, 0, 0);
        for (var round = 0; round < 8; round++)
        {
            var settled = Enumerable.Range(0, Buckets).Where(bucket => Holders(world, bucket).Count == 1).ToList();
            if (settled.Count > 0)
            {
                var bucket = settled[random.Next(settled.Count)];
                var from = Holders(world, bucket)[0];
                var to = names.Where(name => name != from).ElementAt(random.Next(2));
                world.Commit(world.Row(to, from, bucket, Buckets, lead: 2));
                moves++;
                foreach (var name in names.OrderBy(_ => random.Next()))
                {
                    world.Read(name);
                    var seen = world.Watch(isCalm ? 0.1 : random.NextDouble() * 1.5, Hashes);
                    (missed, doubled) = (missed + seen.Missed, doubled + seen.Doubled);
                }
            }

            var rest = world.Watch(4, Hashes);
            (missed, doubled) = (missed + rest.Missed, doubled + rest.Doubled);
        }

        world.Network.Fate = static _ => ScriptedNetwork.Passage.AtOnce;
        world.Advance(15);

        Assert.True(missed == 0, $"{missed} scrapes that nobody made, in {moves} moves");
        Assert.True(moves >= 5, $"{moves} moves");
        Assert.True(!isCalm || doubled == 0, $"{doubled} scrapes made twice, and no message was late");
        Assert.Equal((0, 0), world.Watch(2, Hashes));
        Assert.All(names, name => Assert.Empty(world[name].Pools.Marked));
        Assert.All(Enumerable.Range(0, Buckets), bucket => Assert.Single(Holders(world, bucket)));
    }

    private static List<string> Holders(OwnershipWorld world, int bucket)
    {
        return [.. new[] { "a", "b", "c" }.Where(name => world[name].Picture.Slots.Any(report => report.Slot.Bucket == bucket))];
    }

    private static ScriptedNetwork.Passage Calm(Random random) => new([TimeSpan.FromMilliseconds(random.Next(400))], TimeSpan.FromMilliseconds(random.Next(400)));

    private static ScriptedNetwork.Passage Rough(Random random)
    {
        var copies = Enumerable.Range(0, random.Next(3)).Select(_ => TimeSpan.FromMilliseconds(random.Next(4000)));
        return new ScriptedNetwork.Passage([.. copies], random.Next(3) == 0 ? null : TimeSpan.FromMilliseconds(random.Next(4000)));
    }

    /// <summary>Events that were noted of scrapes made twice; each is written beside its actor.</summary>
    private IEnumerable<ClusterEvent> Doubled() =>
        _world.Store.ReadEventsAsync(0, 100, TestContext.Current.CancellationToken).Result.Where(noted => noted.Kind == "doubled");

    private void Move()
    {
        Give("b", "a");
        _world.Read();
    }

    private void Give(string to, string from) => _world.Commit(_world.Row(to, from, lead: 2));

    private MemberChange Down(string node)
    {
        var member = _world.Store.ReadAsync(0, TestContext.Current.CancellationToken).Result.Members.Single(member => member.Node == node);
        return new MemberChange(node, member.Incarnation, MemberState.Down);
    }

    private PrepareAnswer Prepare(string node, long epoch)
    {
        var asked = Begin(node, epoch);
        _world.Advance(0.5);
        return End(asked);
    }

    private Task<PrepareAnswer> Begin(string node, long epoch)
    {
        var request = new PrepareRequest { Epoch = epoch, Slots = { new SlotMessage { Job = OwnershipWorld.Job, Bucket = 0, Slot = 0, Count = 1 } } };
        return _world.Network.PeersOf("leader").CallAsync(
            new PeerAddress(node, ""), PeerMethods.Prepare, request, PrepareAnswer.Parser, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }

    /// <summary>The world is quiet while an answer is prepared, also when that is done and only the way back is left.</summary>
    private PrepareAnswer End(Task<PrepareAnswer> asked)
    {
        _world.Await(() => asked.IsCompleted);
        return asked.GetAwaiter().GetResult();
    }
}
