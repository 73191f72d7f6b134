using ScrapeCluster.Storage.Agent;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Agent;

public sealed class LogTimesTests
{
    private readonly LogTimes _times = new();

    [Fact]
    public void SentMs_IsTheNewestTimeAtWhichTheLogWasNoLonger()
    {
        _times.Add(new WalPosition(1, 100), 1000);
        _times.Add(new WalPosition(1, 200), 2000);
        _times.Add(new WalPosition(2, 50), 3000);

        Assert.Equal(0, _times.SentMs(new WalPosition(1, 99)));
        Assert.Equal(1000, _times.SentMs(new WalPosition(1, 100)));
        Assert.Equal(1000, _times.SentMs(new WalPosition(1, 199)));
        Assert.Equal(2000, _times.SentMs(new WalPosition(2, 0)));
        Assert.Equal(3000, _times.SentMs(new WalPosition(2, 50)));
        Assert.Equal(3000, _times.SentMs(new WalPosition(7, 0)));
    }

    /// <summary>Nothing was written between two looks: whoever has sent all of it has sent all up to the later one.</summary>
    [Fact]
    public void SentMs_LogThatStandsStill_GoesOnWithTheTime()
    {
        _times.Add(new WalPosition(1, 100), 1000);
        _times.Add(new WalPosition(1, 100), 9000);
        Assert.Equal(0, _times.SentMs(new WalPosition(1, 0)));
        Assert.Equal(9000, _times.SentMs(new WalPosition(1, 100)));
        _times.Add(new WalPosition(1, 300), 10_000);
        Assert.Equal(9000, _times.SentMs(new WalPosition(1, 200)));
    }

    [Fact]
    public void SentMs_NothingOwedOrNothingNoted_IsNotKnown()
    {
        Assert.Equal(0, _times.SentMs(new WalPosition(4, 0)));
        _times.Add(new WalPosition(1, 100), 1000);
        Assert.Equal(0, _times.SentMs(null));
    }

    [Fact]
    public void Add_WhileNothingIsSent_IsBounded()
    {
        for (var look = 1; look <= 10_000; look++)
        {
            _times.Add(new WalPosition(1, look), look);
        }

        Assert.Equal(0, _times.SentMs(new WalPosition(1, 1000)));
        Assert.Equal(8000, _times.SentMs(new WalPosition(1, 8000)));
    }
}
