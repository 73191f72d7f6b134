using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Testing.Exporter;

namespace ScrapeCluster.Tests.Cluster.Coordination;

/// <summary>Nodes that go and come back, and nodes that do not: what moves beyond their shares.</summary>
public sealed class CoordinatorRestartTests : CoordinatorKit
{
    private static readonly string[] Nodes = ["a", "b", "c", "d", "e"];

    private void StartHeavyTailed(int seed)
    {
        var sizes = TargetSizes.HeavyTailed(200).ToArray();
        new Random(seed).Shuffle(sizes);
        LoadOf = hash => sizes[hash];
        Start(Nodes);
        Tell(Job("j", sizes.Length));
        PassSeconds(60);
        Assert.InRange(MaxOverAverage(), 1, 1.05);
    }

    /// <summary>Load of all slots that changed hands meanwhile.</summary>
    private double Moved(double seconds)
    {
        var moved = 0.0;
        for (var passed = 0.0; passed < seconds; passed += 0.5)
        {
            var owners = Rows.ToDictionary(row => row.Slot, row => row.Owner);
            PassSeconds(0.5);
            moved += Rows.Where(row => owners.TryGetValue(row.Slot, out var owner) && owner != row.Owner).Sum(LoadOfBucket);
        }

        return moved;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void RollingRestart_MovesEachShareOutAndBack(int seed)
    {
        StartHeavyTailed(seed);
        var total = LoadByNode().Values.Sum();
        var moved = 0.0;
        foreach (var node in Nodes)
        {
            Leave(node);
            moved += Moved(8);
            Assert.DoesNotContain(Rows, row => row.Owner == node);
            if (node == Terms.Node)
            {
                Lead(node == "a" ? "b" : "a");
            }

            moved += Moved(10);
            Join(node);
            moved += Moved(30);
        }

        Assert.InRange(moved / (2 * total), 0.9, 1.05);
        Assert.InRange(MaxOverAverage(), 1, 1.05);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Restart_AfterAKill_BringsBackWhatWasTakenOver(int seed)
    {
        StartHeavyTailed(seed);
        var before = Rows.Where(row => row.Owner == "c").Select(row => row.Slot).ToHashSet();
        var share = LoadByNode()["c"];
        Die("c");
        var moved = share + Moved(10);
        Join("c");
        moved += Moved(30);

        Assert.InRange(moved / (2 * share), 0.9, 1.05);
        Assert.InRange(MaxOverAverage(), 1, 1.05);
        var back = Rows.Where(row => row.Owner == "c" && before.Contains(row.Slot)).Sum(LoadOfBucket);
        Assert.InRange(back / share, 0.9, 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void GoneForGood_IsEvenedOutOnceItIsNotAwaitedAnyMore(int seed)
    {
        StartHeavyTailed(seed);
        var version = View.AssignmentVersion;
        Leave("b");
        Leave("c");
        PassSeconds(20);
        Assert.All(Rows, row => Assert.True(row.Version <= version || row.Reason == "leaving", $"{row}"));
        PassSeconds(Terms.AwaitBack.TotalSeconds + 30);

        Assert.InRange(MaxOverAverage(), 1, 1.05);
    }

    [Fact]
    public void Awaited_IsWhoHadSomethingAndWentNotLongAgo()
    {
        Start("a", "b", "c");
        Tell(Job("j", 64));
        PassSeconds(6);
        Assert.False(IsAwaiting());
        Leave("b");
        PassSeconds(10);
        Assert.True(IsAwaiting());
        Assert.All(Absences.HomesOf(Rows).Values, home => Assert.Equal("b", home));
        PassSeconds(Terms.AwaitBack.TotalSeconds);
        Assert.False(IsAwaiting());
        Die("c");
        Assert.True(IsAwaiting());
        Join("c");
        PassSeconds(1);
        Assert.False(IsAwaiting());
    }

    private bool IsAwaiting() => Absences.IsAwaiting(Rows, node => Member(node).State, Terms.AwaitBack, Time.GetUtcNow());
}
