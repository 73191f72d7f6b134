using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Wal;

public sealed class OwedLogTests
{
    [Fact]
    public void Lowest_SeveralParts_IsThatOfTheLastInLine()
    {
        var owed = new OwedLog();
        Assert.Null(owed.Lowest);

        var slow = owed.Add("slow", new WalPosition(3, 70));
        var fast = owed.Add("fast", new WalPosition(3, 80));
        Assert.Equal(new WalPosition(3, 70), owed.Lowest);

        slow.Position = new WalPosition(5, 0);
        Assert.Equal(new WalPosition(3, 80), owed.Lowest);

        fast.Dispose();
        Assert.Equal(new WalPosition(5, 0), owed.Lowest);

        slow.Dispose();
        Assert.Null(owed.Lowest);
        Assert.Empty(owed.Parts());
    }

    [Fact]
    public void Lowest_BeforeAllQueuesAreKnown_IsTheBeginningOfTheLog()
    {
        var owed = OwedLog.AwaitingQueues();
        owed.Add("known", new WalPosition(9, 0));

        Assert.False(owed.AreAllKnown);
        Assert.Equal(new WalPosition(0, 0), owed.Lowest);

        owed.NoteAllKnown();

        Assert.True(owed.AreAllKnown);
        Assert.Equal(new WalPosition(9, 0), owed.Lowest);
    }
}
