using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Ownership;

/// <summary>A planned move from a to b, as remote write sees it: b sends nothing from the instant on before a has sent all of its own, and never waits for long.</summary>
public sealed class OwnershipSendingTests : IDisposable
{
    private const int Buckets = 64;
    private static readonly ScrapeTarget[] Targets = [.. Enumerable.Range(1, 200).Select(number => OwnershipWorld.Target((ulong)number))];
    private readonly OwnershipWorld _world = new("a", "b", "c");

    public OwnershipSendingTests()
    {
        var buckets = Enumerable.Range(0, Buckets).ToList();
        _world.Commit(commit => commit with
        {
            TargetSets = [.. buckets.Select(bucket => _world.Set(Targets, bucket, Buckets))],
            Assignments = [.. buckets.Select(bucket => _world.Row("a", bucket: bucket, count: Buckets))],
        });
        _world.Read();
        _world["a"].Sending.AnswersPushes = null;
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void NewOwner_HoldsFromBeforeTheInstant_UntilTheOldOneHasSent()
    {
        Move("b", "a", lead: 5);
        _world.Advance(2.5);
        Assert.False(_world["b"].Sending.IsHeld());
        _world.Advance(0.75);
        Assert.True(_world["b"].Sending.IsHeld());
        Assert.Equal(0, _world["a"].Sending.Pushes);

        _world.Advance(3);
        Assert.Empty(_world["a"].Picture.Slots);
        Assert.Equal(Buckets, _world["a"].Picture.Unsent);
        Assert.True(_world["b"].Sending.IsHeld());

        _world["a"].Sending.Answer("q");
        _world.Advance(0.25);
        Assert.False(_world["b"].Sending.IsHeld("q"));
        Assert.True(_world["b"].Sending.IsHeld("slow"));

        _world["a"].Sending.Answer("slow");
        _world.Advance(0.25);
        Assert.False(_world["b"].Sending.IsHeld("slow"));
        Assert.Equal(0, _world["a"].Picture.Unsent);
        Assert.Equal((Buckets, 0), (Ended("b", "sent"), Ended("b", "late")));
        Assert.Equal(Buckets, HandedOver("a", "sent"));
    }

    /// <summary>However many slots move together.</summary>
    [Fact]
    public void ManySlots_ArePushedAndToldTogether()
    {
        Move("b", "a");
        _world.Advance(4);
        _world["a"].Sending.Answer("q");
        _world["a"].Sending.Answer("slow");
        _world.Advance(1);

        Assert.InRange(_world["a"].Sending.Pushes, 2, 6);
        Assert.InRange(_world.Network.Requests<SentRequest>("a").Count(), 1, 6);
        Assert.False(_world["b"].Sending.IsHeld());
    }

    [Fact]
    public void OldOwnerNeverSends_TheHoldEndsByItself()
    {
        Move("b", "a");
        _world.Advance(4);
        Jump(27.5);
        Assert.True(_world["b"].Sending.IsHeld());
        Jump(1);

        Assert.False(_world["b"].Sending.IsHeld());
        Assert.Equal(Buckets, Ended("b", "late"));
    }

    [Fact]
    public void OldOwnerIsLate_SaysSoAndIsCounted()
    {
        Move("b", "a");
        _world.Advance(4);
        _world["a"].Sending.Answer("q");
        _world["a"].Sending.Answer("slow", isComplete: false);
        _world.Advance(0.5);

        Assert.Equal(Buckets, HandedOver("a", "late"));
        Assert.Equal(0, _world["a"].Picture.Unsent);
        Assert.False(_world["b"].Sending.IsHeld());
    }

    [Fact]
    public void OldOwnerDies_TheHoldEndsAtOnce()
    {
        Move("b", "a");
        _world.Advance(4);
        Assert.True(_world["b"].Sending.IsHeld());
        _world["b"].Actor.Tell(new ClusterNews.MemberGone("a"), ActorRefs.NoSender);
        _world.Settle();

        Assert.False(_world["b"].Sending.IsHeld());
        Assert.Equal(Buckets, Ended("b", "gone"));
    }

    [Fact]
    public void AnswerLost_IsSaidAgain()
    {
        var lost = 3;
        _world.Network.Fate = call => call.Request is SentRequest && lost-- > 0 ? ScriptedNetwork.Passage.Lost : ScriptedNetwork.Passage.AtOnce;
        _world["a"].Sending.AnswersPushes = true;
        Move("b", "a");
        _world.Advance(10);

        Assert.False(_world["b"].Sending.IsHeld());
        Assert.Equal(Buckets, Ended("b", "sent"));
    }

    [Fact]
    public void UsualLead_HoldsBeforeAnybodyCanScrape()
    {
        _world.Commit([.. Enumerable.Range(0, Buckets).Select(bucket => _world.Row("b", "a", bucket, Buckets, 2, "balance"))]);
        _world["b"].Read();
        _world.Settle();

        Assert.True(_world["b"].Sending.IsHeld());
    }

    [Fact]
    public void CalledBackBeforeTheInstant_NothingIsHeld()
    {
        Move("b", "a");
        _world.Advance(1.25);
        Assert.True(_world["b"].Sending.IsHeld());
        Move("a", "b", lead: 0);
        _world.Advance(0.5);

        Assert.False(_world["b"].Sending.IsHeld());
        Assert.Equal(Buckets, Ended("b", "overtaken"));
    }

    /// <summary>What b has scraped still comes after what a scraped, and what c scrapes after that.</summary>
    [Fact]
    public void MovesOnToAThird_EachWaitsForTheOneBefore()
    {
        Move("b", "a");
        _world.Advance(4);
        _world["b"].Sending.AnswersPushes = null;
        Move("c", "b");
        _world.Advance(4);
        Assert.True(_world["b"].Sending.IsHeld());
        Assert.True(_world["c"].Sending.IsHeld());

        _world["a"].Sending.Answer("q");
        _world["a"].Sending.Answer("slow");
        _world.Advance(0.5);
        Assert.False(_world["b"].Sending.IsHeld());
        Assert.True(_world["c"].Sending.IsHeld());

        _world["b"].Sending.Answer("q");
        _world["b"].Sending.Answer("slow");
        _world.Advance(0.5);
        Assert.False(_world["c"].Sending.IsHeld());
    }

    [Fact]
    public void TakenOverFromADeadNode_NothingIsHeld()
    {
        _world.SetState("a", MemberState.Down);
        _world.Kill("a");
        _world.Commit([.. Enumerable.Range(0, Buckets).Select(bucket => _world.Row("b", "a", bucket, Buckets, reason: "orphaned by a"))]);
        _world.Read();
        _world.Advance(0.5);

        Assert.Equal(["b"], _world.ScrapersOf(1));
        Assert.False(_world["b"].Sending.IsHeld());
    }

    /// <summary>After a restart all rows are read anew, with owners before that handed over long ago.</summary>
    [Fact]
    public void OldRowsReadAgain_NothingIsHeld()
    {
        _world["a"].Sending.AnswersPushes = true;
        Move("b", "a");
        _world.Advance(4);
        Jump(40);
        _world["b"].Actor.Tell(new ClusterNews.Expelled(1), ActorRefs.NoSender);
        _world["b"].ReadFromTheStart();
        _world.Read("b");
        _world.Advance(0.5);

        Assert.Equal(["b"], _world.ScrapersOf(1));
        Assert.False(_world["b"].Sending.IsHeld());
    }

    private void Move(string to, string from, double lead = 2)
    {
        _world.Commit([.. Enumerable.Range(0, Buckets).Select(bucket => _world.Row(to, from, bucket, Buckets, lead, "balance"))]);
        _world.Read();
    }

    /// <summary>Nothing happens meanwhile but what is due at the end.</summary>
    private void Jump(double seconds)
    {
        _world.Time.Advance(TimeSpan.FromSeconds(seconds));
        _world.Settle();
    }

    private double Ended(string node, string outcome) =>
        _world[node].Context.Metrics.Counters("scrapecluster_cluster_send_holds_total", "", "outcome").With(outcome).Value;

    private double HandedOver(string node, string outcome) =>
        _world[node].Context.Metrics.Counters("scrapecluster_cluster_send_handovers_total", "", "outcome").With(outcome).Value;
}
