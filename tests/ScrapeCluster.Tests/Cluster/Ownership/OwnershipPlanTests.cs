using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Ownership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Ownership;

public sealed class OwnershipPlanTests : IDisposable
{
    private static readonly ScrapeTarget[] Targets = [.. Enumerable.Range(1, 8).Select(number => OwnershipWorld.Target((ulong)number))];
    private readonly OwnershipWorld _world = new("a", "b");

    public void Dispose() => _world.Dispose();

    [Fact]
    public void FirstView_GivesOnePlanOfAllItsBuckets()
    {
        Give(count: 2, "a", "a");

        var plan = Assert.Single(_world["a"].Pools.Plans);
        Assert.Equal(Targets.Select(target => new PlannedTarget(target, new TargetWindow(_world.Now, DateTimeOffset.MaxValue))), plan.Targets);
        Assert.Empty(_world["b"].Pools.Told);
        Assert.Equal(2, _world["a"].Picture.Slots.Count);
        Assert.Equal(_world.Version, _world["a"].Picture.AppliedAssignments);
        Assert.Equal(2, _world["a"].Picture.TargetSets.Count);
    }

    [Fact]
    public void Plan_HoldsOnlyOwnBuckets()
    {
        Give(count: 2, "a", "b");

        Assert.Equal([2, 4, 6, 8], _world["a"].Pools.LastPlan.Targets.Select(target => target.Target.Hash));
        Assert.Equal([1, 3, 5, 7], _world["b"].Pools.LastPlan.Targets.Select(target => target.Target.Hash));
    }

    [Fact]
    public void NewTargets_ComeInOnePlanWithTheirWindow()
    {
        Give(count: 1, "a");
        var start = _world.Now;
        _world.Advance(3);
        _world.Commit(commit => commit with { TargetSets = [_world.Set([.. Targets, OwnershipWorld.Target(9)])] });
        _world.Read();

        Assert.Equal(2, _world["a"].Pools.Plans.Count());
        Assert.Equal(9, _world["a"].Pools.LastPlan.Targets.Count);
        Assert.All(_world["a"].Pools.LastPlan.Targets, target => Assert.Equal(start, target.Window.From));
    }

    [Fact]
    public void Replicas_AreAsTheLeadersRowsSay_NotAsTheNodesOwnSetting()
    {
        Give(count: 1, "a");
        Assert.False(_world["a"].Pools.LastPlan.IsReplicated);

        _world.Commit(_world.Row("b", slot: 1));
        _world.Read();
        Assert.True(_world["a"].Pools.LastPlan.IsReplicated);
        Assert.True(_world["b"].Pools.LastPlan.IsReplicated);

        _world.Commit(_world.Row("", slot: 1, reason: "no node is there that has no other slot of it"));
        _world.Read();
        Assert.True(_world["a"].Pools.LastPlan.IsReplicated);

        _world.Commit(_world.Row("", slot: 1, reason: RowReasons.Unwanted(1)));
        _world.Read();
        Assert.False(_world["a"].Pools.LastPlan.IsReplicated);
    }

    [Fact]
    public void NothingNew_TellsNothing()
    {
        Give(count: 1, "a");
        var requests = _world.Store.SetRequests;
        _world.Read();
        _world.Advance(2);

        Assert.Single(_world["a"].Pools.Plans);
        Assert.Equal(requests, _world.Store.SetRequests);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 8)]
    [InlineData(2, 4)]
    public void Split_ChangesNothingInWhatIsScraped(int before, int after)
    {
        Give(before, [.. Enumerable.Repeat("a", before)]);
        _world.Advance(5);
        _world.Commit(commit => commit with
        {
            Removed = [.. Enumerable.Range(0, before).Select(bucket => new BucketRef(new BucketKey(OwnershipWorld.Job, bucket), before))],
            TargetSets = [.. Enumerable.Range(0, after).Select(bucket => _world.Set(Targets, bucket, after))],
            Assignments = [.. Enumerable.Range(0, after).Select(bucket => _world.Row("a", bucket: bucket, count: after))],
        });
        _world.Read();
        _world.Advance(1);

        Assert.Single(_world["a"].Pools.Plans);
        Assert.Empty(_world["a"].Pools.Told.OfType<ReleaseTargets>());
        Assert.Equal(after, _world["a"].Picture.Slots.Count);
        Assert.All(_world["a"].Picture.Slots, report => Assert.Equal(after, report.Slot.Count));
    }

    [Fact]
    public void Split_ThenMovedBeforeItWasRead_GivesOnlyTheMovedHalfAway()
    {
        Give(count: 1, "a");
        var start = _world.Now;
        _world.Commit(commit => commit with
        {
            Removed = [new BucketRef(new BucketKey(OwnershipWorld.Job, 0), 1)],
            TargetSets = [_world.Set(Targets, 0, 2), _world.Set(Targets, 1, 2)],
            Assignments = [_world.Row("a", bucket: 0, count: 2), _world.Row("a", bucket: 1, count: 2)],
        });
        _world.Commit(_world.Row("b", "a", bucket: 1, count: 2, lead: 2));
        _world.Read();
        _world.Advance(3);

        Assert.All(_world["a"].Pools.LastPlan.Targets, target => Assert.Equal(start, target.Window.From));
        Assert.Equal([2, 4, 6, 8], _world["a"].Pools.LastPlan.Targets.Select(target => target.Target.Hash));
        Assert.Equal([1, 3, 5, 7], _world["b"].Pools.LastPlan.Targets.Select(target => target.Target.Hash));
        Assert.Empty(_world["a"].Pools.Marked);
        Assert.Equal([1UL, 3UL, 5UL, 7UL], _world["b"].Pools.Adopted.Select(line => line.TargetHash).Order());
    }

    /// <summary>A database that failed over without its last commits gets its rows back from the nodes at once, and its sets a little later.</summary>
    [Fact]
    public void StoreWithoutItsSets_ChangesNothing()
    {
        Give(count: 2, "a", "a");
        var plans = _world["a"].Pools.Plans.Count();
        _world["a"].ReadWithoutSets();
        _world.Advance(5);

        Assert.Equal(plans, _world["a"].Pools.Plans.Count());
        Assert.Empty(_world["a"].Pools.Told.OfType<ReleaseTargets>());
        Assert.Equal(2, _world["a"].Picture.Slots.Count);
    }

    /// <summary>As after a start from the local file: what the first view does not name is another's, or of a job that ended.</summary>
    [Fact]
    public void FirstViewSinceJoined_WithoutARow_EndsItsSlot()
    {
        Give(count: 2, "a", "a");
        _world.Commit(commit => commit with { Removed = [new BucketRef(new BucketKey(OwnershipWorld.Job, 1), 2)] });
        _world["a"].ReadFromTheStart();
        _world.Read();

        Assert.Equal([2, 4, 6, 8], _world["a"].Pools.LastPlan.Targets.Select(target => target.Target.Hash));
        Assert.Empty(_world["a"].Pools.Marked);
    }

    [Fact]
    public void JobEnded_StopsWithoutMarkers()
    {
        Give(count: 1, "a");
        _world.Commit(commit => commit with { Removed = [new BucketRef(new BucketKey(OwnershipWorld.Job, 0), 1)] });
        _world.Read();

        Assert.Empty(_world["a"].Pools.LastPlan.Targets);
        Assert.Empty(_world["a"].Pools.Marked);
        Assert.Empty(_world["a"].Picture.Slots);
    }

    [Fact]
    public void TargetGone_GetsItsMarkers()
    {
        Give(count: 1, "a");
        _world.Commit(commit => commit with { TargetSets = [_world.Set(Targets.Skip(1))] });
        _world.Read();

        Assert.Equal([1UL], _world["a"].Pools.Marked);
    }

    [Fact]
    public void StoreDown_KeepsWhatIsThereAndReadsWhenItIsBack()
    {
        Give(count: 1, "a");
        _world.Store.IsDown = true;
        _world.Commit(commit => commit with { TargetSets = [_world.Set(Targets.Skip(1))] });
        _world.Read();
        _world.Advance(5);
        Assert.Single(_world["a"].Pools.Plans);

        _world.Store.IsDown = false;
        _world.Advance(1.5);
        Assert.Equal(7, _world["a"].Pools.LastPlan.Targets.Count);
    }

    [Fact]
    public void DamagedSet_KeepsTheOneBefore()
    {
        Give(count: 1, "a");
        _world.Store.Damage = static set => set with { Checksum = set.Checksum + 1 };
        _world.Commit(commit => commit with { TargetSets = [_world.Set(Targets.Skip(1))] });
        _world.Read();
        _world.Advance(1);
        Assert.Single(_world["a"].Pools.Plans);

        _world.Store.Damage = static set => set;
        _world.Advance(6);
        Assert.Equal(7, _world["a"].Pools.LastPlan.Targets.Count);
    }

    [Fact]
    public void Expelled_StopsAtOnceWithoutMarkersAndForgets()
    {
        Give(count: 1, "a");
        _world["a"].Actor.Tell(new ClusterNews.Expelled(1), ActorRefs.NoSender);
        _world.Settle();

        Assert.Empty(_world["a"].Pools.LastPlan.Targets);
        Assert.Empty(_world["a"].Pools.Marked);
        Assert.Empty(_world["a"].Picture.Slots);

        _world["a"].ReadFromTheStart();
        _world.Read();
        Assert.Equal(8, _world["a"].Pools.LastPlan.Targets.Count);
    }

    [Fact]
    public void Restored_ScrapesFromTheFileAndGivesUpWhatTheStoreGaveToOthers()
    {
        _world.Store.IsDown = true;
        var sets = new[] { _world.Set(Targets, 0, 2), _world.Set(Targets, 1, 2) };
        var rows = new[] { _world.Row("a", bucket: 0, count: 2) with { Epoch = 1 }, _world.Row("a", bucket: 1, count: 2) with { Epoch = 1 } };
        _world["a"].Actor.Tell(new ClusterNews.Restored(0, rows, sets), ActorRefs.NoSender);
        _world.Settle();
        Assert.Equal(Targets, _world["a"].Pools.LastPlan.Targets.Select(target => target.Target));

        _world.Store.IsDown = false;
        Give(count: 2, "a", "b");
        Assert.Equal([2, 4, 6, 8], _world["a"].Pools.LastPlan.Targets.Select(target => target.Target.Hash));
        Assert.Empty(_world["a"].Pools.Marked);
    }

    [Fact]
    public void PoolsLost_GetAllPlansAgain()
    {
        Give(count: 1, "a");
        _world["a"].Actor.Tell(new ResendSlotPlans(), ActorRefs.NoSender);
        _world.Settle();

        Assert.Equal(2, _world["a"].Pools.Plans.Count());
        Assert.Equal(8, _world["a"].Pools.LastPlan.Targets.Count);
    }

    [Fact]
    public async Task ActorFails_ItStartsAnewFromTheRowsThatTheNodeKnows()
    {
        Give(count: 1, "a");
        var view = await _world.Store.ReadAsync(0, TestContext.Current.CancellationToken);
        _world["a"].Context.Board.Publish(ClusterPicture.Empty with
        {
            Members = view.Members,
            Assignments = view.Changed.ToDictionary(row => row.Slot),
            AssignmentVersion = view.AssignmentVersion,
        });
        _world["a"].Gauge.Measured.AddRange([new TargetLoad(OwnershipWorld.Job, 0, 1, 10), new TargetLoad("ended", 0, 99, 10)]);
        _world["a"].Actor.Tell(new ClusterNews.Viewed(null!), ActorRefs.NoSender);
        _world.Advance(1);

        Assert.Contains(_world["a"].Pools.Plans, plan => plan.Job == "ended" && plan.Targets.Count == 0);
        Assert.Equal(8, _world["a"].Pools.Plans.Last(plan => plan.Job == OwnershipWorld.Job).Targets.Count);
        Assert.Equal(["a"], _world.ScrapersOf(1));
        Assert.Empty(_world["a"].Pools.Marked);
        Assert.Equal(_world.Version, _world["a"].Picture.AppliedAssignments);
    }

    [Fact]
    public void Loads_AreSummedByBucket_OnceAllOfItsTargetsWereScraped()
    {
        Give(count: 2, "a", "a");
        _world["a"].Gauge.Measured.AddRange(Targets.Where(target => target.Hash % 2 == 1).Select(target => new TargetLoad(OwnershipWorld.Job, 0, target.Hash, 10)));
        _world["a"].Gauge.Measured.Add(new TargetLoad(OwnershipWorld.Job, 0, 2, 1));
        _world.Advance(6);

        // Of bucket 0 one target is measured: the others may be larger or smaller.
        Assert.Equal([(0, 0.0), (1, 10.0 * Targets.Count(target => target.Hash % 2 == 1))], _world["a"].Picture.Slots.Select(report => (report.Slot.Bucket, report.SamplesPerSecond)).Order());
    }

    [Fact]
    public void ClockStepsBack_NothingWaitsForItsReturn()
    {
        Give(count: 1, "a");
        _world.Advance(1);
        _world.Time.StepWallClock(TimeSpan.FromMinutes(-5));
        _world["a"].Gauge.Measured.AddRange(Targets.Skip(1).Select(target => new TargetLoad(OwnershipWorld.Job, 0, target.Hash, 10)));
        _world.Commit(commit => commit with { TargetSets = [_world.Set(Targets.Skip(1))] });
        _world.Read();
        _world.Advance(6);

        Assert.Equal(70, Assert.Single(_world["a"].Picture.Slots).SamplesPerSecond);
        Assert.Equal(7, _world["a"].Pools.LastPlan.Targets.Count);
    }

    private void Give(int count, params string[] owners)
    {
        _world.Commit(commit => commit with
        {
            TargetSets = [.. owners.Select((_, bucket) => _world.Set(Targets, bucket, count))],
            Assignments = [.. owners.Select((owner, bucket) => _world.Row(owner, bucket: bucket, count: count))],
        });
        _world.Read();
    }
}
