using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Coordination;

/// <summary>Planned moves: joins, leaving, pins, splits, and what can go wrong on the way to the commit point.</summary>
public sealed class CoordinatorMoveTests : CoordinatorKit
{
    /// <summary>Heavy-tailed: the largest of 200 is some 30 times the median.</summary>
    private static double HeavyTailed(ulong hash)
    {
        var random = new Random((int)hash);
        return Math.Exp((random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2) * 2) * 500;
    }

    [Fact]
    public void Join_MovesTheNewcomersShareAndLittleMore()
    {
        LoadOf = HeavyTailed;
        Start("a", "b", "c", "d");
        Tell(Job("j", 200));
        PassSeconds(60);
        var before = Rows.ToDictionary(row => row.Slot);
        Assert.InRange(MaxOverAverage(), 1, 1.05);
        var total = LoadByNode().Values.Sum();
        Join("e");
        PassSeconds(60);

        Assert.InRange(MaxOverAverage(), 1, 1.05);
        var moved = Rows.Where(row => before.TryGetValue(row.Slot, out var was) && was.Count == row.Count && was.Owner != row.Owner).Sum(LoadOfBucket);
        Assert.InRange(moved, 0, total / 5 * 1.05);
        Assert.All(Rows, row => Assert.Contains(row.Owner, (string[])["a", "b", "c", "d", "e"]));
    }

    [Fact]
    public void NodesThatJoinTogether_AreFilledTogether()
    {
        Start("a");
        Tell(Job("j", 300));
        PassSeconds(60);
        var ends = new List<BucketKey>();
        Peers.OnPrepare = (_, request) =>
        {
            ends.AddRange(request.Slots.Select(slot => new BucketKey(slot.Job, slot.Bucket)));
            return Task.FromResult(ScriptedPeers.Ready(request));
        };
        Join("b");
        Pass(TimeSpan.FromMilliseconds(500));
        Join("c");
        PassSeconds(60);

        Assert.InRange(MaxOverAverage(), 1, 1.05);
        Assert.Equal(ends.Distinct().Count(), ends.Count);
    }

    [Fact]
    public void Move_IsCommittedAheadOfItsInstantWithBothOwners()
    {
        Start("a");
        Tell(Job("j", 64));
        PassSeconds(6);
        Join("b");
        PassSeconds(2);

        var moves = Rows.Where(row => row.Previous == "a").ToList();
        Assert.NotEmpty(moves);
        Assert.All(moves, row => Assert.Equal(("b", "balance"), (row.Owner, row.Reason)));
        Assert.All(moves, row => Assert.True(row.EffectiveAt > Time.GetUtcNow()));
        Assert.Contains(Peers.Calls, call => call is { Node: "a", Method: PeerMethods.Ring });
        Assert.Contains(Peers.Calls, call => call is { Node: "b", Method: PeerMethods.Ring });
        Assert.Contains(Events, noted => noted is { Kind: "move", Subject: "b" });
    }

    [Fact]
    public void Moves_AreShownFromTheirBeginToTheirEnd()
    {
        Start("a");
        Tell(Job("j", 64));
        PassSeconds(6);
        Peers.OnPrepare = static (_, _) => new TaskCompletionSource<PrepareAnswer>().Task;
        Join("b");
        PassSeconds(2);
        var described = Ask<PlanDescribed>(new DescribePlan());
        Assert.NotEmpty(described.InFlight);
        Assert.Equal(described.InFlight, Board.Leader!.InFlight);
        Assert.Equal(described.Waiting, Board.Leader.Waiting);

        Peers.OnPrepare = static (_, request) => Task.FromResult(ScriptedPeers.Ready(request));
        PassSeconds(90);

        Assert.Contains(Rows, row => row.Owner == "b");
        Assert.Empty(Board.Leader.InFlight);
        Assert.Equal(0, Board.Leader.Waiting);
    }

    [Fact]
    public void OldOwnerIsBehindWithSending_MovesFromItWait_AndThePlanSaysWhy()
    {
        SendLag["a"] = TimeSpan.FromSeconds(45);
        Start("a");
        Tell(Job("j", 64));
        PassSeconds(6);
        Join("b");
        PassSeconds(20);
        Assert.All(Rows, row => Assert.Equal("a", row.Owner));
        var held = Assert.Single(Ask<PlanDescribed>(new DescribePlan()).Plan.HeldBack);
        Assert.Equal("a", held.Key);
        Assert.Contains("45 s behind", held.Value, StringComparison.Ordinal);

        SendLag["a"] = TimeSpan.FromSeconds(2);
        PassSeconds(40);
        Assert.Contains(Rows, row => row.Owner == "b");
        Assert.Empty(Ask<PlanDescribed>(new DescribePlan()).Plan.HeldBack);
    }

    [Fact]
    public void LeavingNodeIsBehindWithSending_ItsMovesWaitForHalfOfTheDrain()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(6);
        SendLag["b"] = TimeSpan.FromMinutes(5);
        Leave("b");
        PassSeconds(28);
        Assert.Contains(Rows, row => row.Owner == "b");
        PassSeconds(20);

        Assert.All(Rows, row => Assert.Equal("a", row.Owner));
        Assert.True(Metrics.Counter("scrapecluster_cluster_moves_despite_lag_total", "").Value > 0);
    }

    [Fact]
    public void Leaving_IsEmptiedAndThenDown()
    {
        Start("a", "b", "c");
        Tell(Job("j", 64));
        PassSeconds(6);
        Leave("c");
        PassSeconds(20);

        Assert.All(Rows, row => Assert.NotEqual("c", row.Owner));
        Assert.Equal(MemberState.Down, Member("c").State);
        Assert.Contains(Events, noted => noted is { Kind: "left", Subject: "c" });
        Assert.DoesNotContain(Events, noted => noted.Kind is "death" or "take-over");
        Assert.All(Rows.Where(row => row.Previous == "c"), row => Assert.Equal("leaving", row.Reason));
    }

    [Fact]
    public void LeavingTogether_GetNothingOfEachOther()
    {
        Start("a", "b", "c", "d");
        Tell(Job("j", 64));
        PassSeconds(6);
        Leave("c");
        Publish();
        Leave("d");
        // Within the time that nodes have to say so: before the clock goes on.
        Publish();
        PassSeconds(20);

        Assert.DoesNotContain(Events, noted => noted is { Kind: "move", Subject: "c" or "d" } && noted.Detail.Contains("leaving", StringComparison.Ordinal));
        Assert.All(Rows, row => Assert.Contains(row.Owner, (string[])["a", "b"]));
    }

    [Fact]
    public void Leaving_ButServingItsHistory_IsEmptiedAndStays()
    {
        KeepsServing = true;
        Start("a", "b", "c");
        Tell(Job("j", 64));
        PassSeconds(6);
        Leave("c");
        PassSeconds(20);

        Assert.All(Rows, row => Assert.NotEqual("c", row.Owner));
        Assert.Equal(MemberState.Leaving, Member("c").State);
    }

    /// <summary>Nobody is above 1.05 of the average by it, and still the newcomer is to get its share.</summary>
    [Fact]
    public void Join_AmongMany_GetsItsShare()
    {
        string[] nodes = [.. Enumerable.Range(0, 24).Select(number => $"node-{number:00}")];
        Start(nodes);
        Tell(Job("j", 2400));
        PassSeconds(6);
        Join("late");
        PassSeconds(30);

        var loads = LoadByNode();
        Assert.True(loads["late"] > loads.Values.Average() * 0.9, $"it has {loads["late"] / loads.Values.Average():F2} of the average");
    }

    [Fact]
    public void Leaving_WithNobodyToTakeIt_KeepsWhatItHasAndIsReported()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(2);
        Order(OrderKind.Cordon, "a");
        Leave("b");
        PassSeconds(10);

        Assert.Contains(Rows, row => row.Owner == "b");
        Assert.Equal(MemberState.Leaving, Member("b").State);
        Assert.NotEmpty(Board.Leader!.LastPlan!.Unplaced);
    }

    [Fact]
    public void LeftByItself_IsToldAndTakenOver()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(2);
        Peers.OnPrepare = static (_, _) => new TaskCompletionSource<PrepareAnswer>().Task;
        Leave("b");
        PassSeconds(1);
        Order(OrderKind.Down, "b");

        Assert.Contains(Events, noted => noted is { Kind: "left", Subject: "b" });
        Assert.All(Rows, row => Assert.Equal("a", row.Owner));
    }

    [Fact]
    public void Pin_MovesTheBucketAndKeepsItThere()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(6);
        var slot = Rows.First(row => row.Owner == "a").Slot;
        Order(OrderKind.Pin, "b", slot.Bucket);
        PassSeconds(10);

        var row = Rows.Single(row => row.Slot == slot);
        Assert.Equal(("b", "pinned"), (row.Owner, row.Reason));
    }

    [Fact]
    public void Prepare_Failing_LeavesTheSlotWhereItIs()
    {
        Peers.OnPrepare = static (_, _) => Task.FromException<PrepareAnswer>(new PeerUnavailableException("cut off", isRefused: false));
        Start("a");
        Tell(Job("j", 64));
        PassSeconds(6);
        Join("b");
        PassSeconds(20);

        Assert.All(Rows, row => Assert.Equal("a", row.Owner));
        Assert.DoesNotContain(Peers.Calls, call => call.Method == PeerMethods.Ring);
    }

    [Fact]
    public void Prepare_AnsweredTooLate_IsNotCommitted()
    {
        var late = new TaskCompletionSource<PrepareAnswer>();
        PrepareRequest? asked = null;
        Peers.OnPrepare = (_, request) =>
        {
            asked ??= request;
            return late.Task;
        };
        Start("a");
        Tell(Job("j", 64));
        PassSeconds(6);
        Join("b");
        PassSeconds(3);
        Order(OrderKind.Cordon, "b");
        PassSeconds(7);
        late.SetResult(ScriptedPeers.Ready(asked!));
        PassSeconds(2);

        Assert.All(Rows, row => Assert.Equal("a", row.Owner));
    }

    [Fact]
    public void Prepare_OfSomeOnly_MovesThose()
    {
        PrepareRequest? first = null;
        Peers.OnPrepare = (_, request) =>
        {
            var isFirst = first is null;
            first ??= request;
            var answer = new PrepareAnswer { Fault = "not all" };
            answer.Prepared.AddRange(isFirst ? request.Slots.Take(1) : []);
            return Task.FromResult(answer);
        };
        Start("a");
        Tell(Job("j", 64));
        PassSeconds(6);
        Join("b");
        PassSeconds(4);

        var moved = Assert.Single(Rows, row => row.Owner == "b");
        Assert.Equal(first!.Slots[0].Bucket, moved.Slot.Bucket.Bucket);
    }

    [Fact]
    public void NewOwnerDiesBeforeTheCommit_NothingHasMoved()
    {
        var answers = new List<(PrepareRequest Request, TaskCompletionSource<PrepareAnswer> Answer)>();
        Peers.OnPrepare = (_, request) =>
        {
            answers.Add((request, new TaskCompletionSource<PrepareAnswer>()));
            return answers[^1].Answer.Task;
        };
        Start("a");
        Tell(Job("j", 64));
        PassSeconds(6);
        Join("b");
        PassSeconds(2);
        Assert.NotEmpty(answers);
        Die("b");
        answers.ForEach(one => one.Answer.SetResult(ScriptedPeers.Ready(one.Request)));
        PassSeconds(2);

        Assert.All(Rows, row => Assert.Equal("a", row.Owner));
    }

    [Fact]
    public void NewOwnerDiesAfterTheCommit_ItsSlotsAreTakenOverAtOnce()
    {
        Start("a", "c");
        Tell(Job("j", 64));
        PassSeconds(6);
        Join("b");
        PassSeconds(2);
        Assert.Contains(Rows, row => row.Owner == "b");
        Die("b");

        Assert.DoesNotContain(Rows, row => row.Owner == "b");
    }

    [Fact]
    public void OldOwnerDiesWhileItsSlotIsPrepared_TheSlotIsTakenOverInTheSameCommitAsTheRest()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(6);
        Peers.OnPrepare = static (_, _) => new TaskCompletionSource<PrepareAnswer>().Task;
        Join("c");
        PassSeconds(2);
        var version = View.AssignmentVersion;
        Die("b");

        Assert.Equal(version + 1, View.AssignmentVersion);
        Assert.DoesNotContain(Rows, row => row.Owner == "b");
    }

    [Fact]
    public void Split_IsOneCommitAndMovesNothing()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(6);
        var before = View;
        var owners = before.Changed.ToDictionary(row => row.Slot.Bucket.Bucket, row => row.Owner);
        var count = owners.Count;
        Tell(Job("j", 20_000));

        var after = View;
        Assert.True(after.Changed.Count > count);
        Assert.Equal(after.Changed.Count, after.TargetSetVersions.Count);
        var split = Assert.Single(after.Changed.Select(row => row.Version).Distinct());
        Assert.Equal(before.AssignmentVersion + 1, split);
        Assert.All(after.Changed, row => Assert.Equal((owners[row.Slot.Bucket.Bucket % count], "split", after.Changed.Count), (row.Owner, row.Reason, row.Count)));
        Assert.All(after.TargetSetVersions.Keys, bucket => Assert.Equal(after.Changed.Count, bucket.Count));
    }

    [Fact]
    public void Split_WaitsForMovesOfTheJob_ItsTargetsDoNot()
    {
        Start("a");
        Tell(Job("j", 64));
        PassSeconds(6);
        var count = Rows.Count;
        Join("b");
        PassSeconds(2);
        Assert.Contains(Rows, row => row.EffectiveAt > Time.GetUtcNow());
        Tell(Job("j", 20_000));
        Assert.Equal(count, Rows.Count);
        Assert.Equal(20_000, Stored("j").Count);
        PassSeconds(20);

        Assert.True(Rows.Count >= 64);
    }

    [Fact]
    public void RebalanceNow_NeedsNoTrigger()
    {
        Start("a", "b");
        Tell(Job("j", 64));
        PassSeconds(6);
        LoadOf = hash => OwnedBy("a", hash) ? 104 : 96;
        PassSeconds(6);
        var described = Ask<PlanDescribed>(new DescribePlan());
        var begun = Ask<RebalanceBegun>(new RebalanceNow());

        Assert.Equal(described.Plan.Moves, begun.Moves);
        Assert.All(begun.Moves, move => Assert.Equal(MoveReason.Balance, move.Reason));
    }

    private bool OwnedBy(string node, ulong hash) => OwnerOf("j", BucketKey.Of(hash, Rows[0].Count)) == node;
}
