using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.IntegrationTests.Store;

/// <summary>What a leader commits, all or nothing, and the doorbell that tells of it.</summary>
public abstract partial class CoordinationStoreTests
{
    [Fact]
    public async Task Commit_WritesAllOfItUnderTheNextVersion()
    {
        using var life = Store.OpenLifeline();
        var a = Lead(life, "a");
        var result = await Store.CommitAsync(Decision(1, 0) with { Members = [new MemberChange("a", a, MemberState.Up)] }, Token);

        Assert.Equal(new CommitResult(CommitOutcome.Committed, 1), result);
        var view = await Store.ReadAsync(0, Token);
        var row = Assert.Single(view.Changed);
        Assert.Equal((new SlotKey(Bucket, 0), 8, "a", "", 1L, 1L, "new"), (row.Slot, row.Count, row.Owner, row.Previous, row.Epoch, row.Version, row.Reason));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(5), row.EffectiveAt);
        Assert.Equal(MemberState.Up, Assert.Single(view.Members).State);
        Assert.Equal((1L, 4L), (view.AssignmentVersion, view.TargetSetVersions[new BucketRef(Bucket, 8)]));
        var set = Assert.Single(await Store.ReadTargetSetsAsync([new BucketRef(Bucket, 8), new BucketRef(Bucket, 16)], Token));
        Assert.Equal((4L, ulong.MaxValue), (set.Version, set.Checksum));
        Assert.Equal([1, 2, 3], set.Payload);
        Assert.Equal("move", Assert.Single(await Store.ReadEventsAsync(0, 10, Token)).Kind);
        Assert.Equal(1, Beat(life, "a", a).AssignmentVersion);
    }

    [Fact]
    public async Task Commit_OfAnotherEpoch_ChangesNothing()
    {
        using var life = Store.OpenLifeline();
        var b = Join(life, "b");
        Lead(life, "a");
        life.Hold(Roles.Leader, "b", b, Long, earlyFromEpoch: 1);

        Assert.Equal(new CommitResult(CommitOutcome.Fenced, 0), await Store.CommitAsync(Decision(1, 0), Token));
        Assert.Equal(new CommitResult(CommitOutcome.Fenced, 0), await Store.CommitAsync(Decision(3, 0), Token));
        var view = await Store.ReadAsync(0, Token);
        Assert.Empty(view.Changed);
        Assert.Empty(view.TargetSetVersions);
        Assert.Empty(await Store.ReadEventsAsync(0, 10, Token));
        Assert.Equal(CommitOutcome.Committed, (await Store.CommitAsync(Decision(2, 0), Token)).Outcome);
    }

    [Fact]
    public async Task Commit_CanJumpAboveAVersion_WithRowsAndWithout()
    {
        using var life = Store.OpenLifeline();
        Lead(life, "a");
        Assert.Equal(new CommitResult(CommitOutcome.Committed, 50), await Store.CommitAsync(Decision(1, 0) with { AtLeastVersion = 50 }, Token));
        Assert.Equal(50, Assert.Single((await Store.ReadAsync(0, Token)).Changed).Version);
        Assert.Equal(new CommitResult(CommitOutcome.Committed, 50), await Store.CommitAsync(new LeaderCommit(1, 50) { AtLeastVersion = 50 }, Token));
        Assert.Equal(new CommitResult(CommitOutcome.Committed, 60), await Store.CommitAsync(new LeaderCommit(1, 50) { AtLeastVersion = 60 }, Token));
        Assert.Equal(new CommitResult(CommitOutcome.Committed, 61), await Store.CommitAsync(Decision(1, 60) with { AtLeastVersion = 7 }, Token));
        Assert.Equal(61, (await Store.ReadAsync(60, Token)).AssignmentVersion);
    }

    [Fact]
    public async Task Commit_OnAnOlderVersion_IsOvertaken()
    {
        using var life = Store.OpenLifeline();
        Lead(life, "a");
        await Store.CommitAsync(Decision(1, 0), Token);

        Assert.Equal(new CommitResult(CommitOutcome.Overtaken, 1), await Store.CommitAsync(Decision(1, 0), Token));
    }

    [Fact]
    public async Task Commit_OfEventsOnly_KeepsTheVersion()
    {
        using var life = Store.OpenLifeline();
        Lead(life, "a");

        Assert.Equal(new CommitResult(CommitOutcome.Committed, 0), await Store.CommitAsync(Decision(1, 0) with { Assignments = [], TargetSets = [] }, Token));
        Assert.Single(await Store.ReadEventsAsync(0, 10, Token));
    }

    [Fact]
    public async Task Commit_OfTargetSetsOrMembersOnly_MakesAVersionThatHeartbeatsTell()
    {
        using var life = Store.OpenLifeline();
        var a = Lead(life, "a");

        Assert.Equal(new CommitResult(CommitOutcome.Committed, 1), await Store.CommitAsync(Decision(1, 0) with { Assignments = [] }, Token));
        Assert.Equal(1, Beat(life, "a", a).AssignmentVersion);
        Assert.Single((await Store.ReadAsync(0, Token)).TargetSetVersions);
        Assert.Equal(new CommitResult(CommitOutcome.Committed, 2), await Store.CommitAsync(new LeaderCommit(1, 1) { Members = [new MemberChange("a", a, MemberState.Up)] }, Token));
        Assert.Equal(2, Beat(life, "a", a).AssignmentVersion);
    }

    [Fact]
    public async Task Commit_Removed_TakesSetsAndRowsOfThatCountOnly()
    {
        using var life = Store.OpenLifeline();
        Lead(life, "a");
        await Store.CommitAsync(Decision(1, 0), Token);
        await Store.CommitAsync(Decision(1, 1) with { Removed = [new BucketRef(Bucket, 4)], Assignments = [], TargetSets = [] }, Token);
        Assert.Single((await Store.ReadAsync(0, Token)).Changed);
        var result = await Store.CommitAsync(Decision(1, 2) with { Removed = [new BucketRef(Bucket, 8)], Assignments = [], TargetSets = [] }, Token);

        Assert.Equal(3, result.Version);
        var view = await Store.ReadAsync(0, Token);
        Assert.Empty(view.Changed);
        Assert.Empty(view.TargetSetVersions);
    }

    [Fact]
    public async Task Commit_Forgotten_TakesThatRowAndLeavesTheSet()
    {
        using var life = Store.OpenLifeline();
        Lead(life, "a");
        await Store.CommitAsync(Decision(1, 0), Token);
        var row = Assert.Single((await Store.ReadAsync(0, Token)).Changed);
        var other = row with { Slot = new SlotKey(row.Slot.Bucket, row.Slot.Slot + 1), Owner = "" };
        await Store.CommitAsync(Decision(1, 1) with { Assignments = [other], TargetSets = [] }, Token);
        var result = await Store.CommitAsync(Decision(1, 2) with { Forgotten = [other.Slot], Assignments = [], TargetSets = [] }, Token);

        Assert.Equal(3, result.Version);
        var view = await Store.ReadAsync(0, Token);
        Assert.Equal(row.Slot, Assert.Single(view.Changed).Slot);
        Assert.NotEmpty(view.TargetSetVersions);
    }

    /// <summary>Two nodes take the lease from each other and commit as fast as they can: versions and epochs never disagree.</summary>
    [Fact]
    public async Task Commit_BesideChangesOfLeader_IsNeverOfAnEpochThatIsOver()
    {
        using var life = Store.OpenLifeline();
        var incarnations = new Dictionary<string, long> { ["a"] = Join(life, "a"), ["b"] = Join(life, "b") };
        using var together = new Barrier(incarnations.Count);
        await Task.WhenAll(incarnations.Select(node => Task.Run(() => FightAsync(node.Key, node.Value, together))));

        var events = await Store.ReadEventsAsync(0, 10_000, Token);
        var epochs = events.Reverse().Select(noted => noted.Epoch).ToList();
        Assert.Equal(epochs.Order(), epochs);
        Assert.True(epochs.Distinct().Count() > 2, "both led");
        Assert.Equal(epochs.Count, (await Store.ReadAsync(0, Token)).AssignmentVersion);
    }

    [Fact]
    public async Task Doorbell_RingsWithACommit()
    {
        using var life = Store.OpenLifeline();
        Lead(life, "a");
        for (var version = 0; version < 2; version++)
        {
            // The first wait may end by itself, having opened the line.
            var rung = Store.WaitForDoorbellAsync(TimeSpan.FromMinutes(5), Token);
            await Store.CommitAsync(Decision(1, version), Token);
            await rung.WaitAsync(TimeSpan.FromSeconds(60), Token);
        }
    }
}
