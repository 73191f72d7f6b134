using ScrapeCluster.Cluster.Coordination;

namespace ScrapeCluster.Tests.Cluster.Coordination;

public sealed class StoreSilenceTests
{
    private readonly StoreSilence _silence = new();

    [Fact]
    public void FailuresEverySecond_AreSaidOnceAMinute()
    {
        var said = Enumerable.Range(0, 150).Where(second => _silence.Goes(TimeSpan.FromSeconds(second))).ToList();

        Assert.Equal([0, 60, 120], said);
    }

    [Fact]
    public void End_IsToldOnce_WithAllOfItsTime()
    {
        Assert.Null(_silence.Ends(TimeSpan.FromSeconds(1)));
        _silence.Goes(TimeSpan.FromSeconds(10));
        _silence.Goes(TimeSpan.FromSeconds(90));

        Assert.Equal(TimeSpan.FromSeconds(85), _silence.Ends(TimeSpan.FromSeconds(95)));
        Assert.Null(_silence.Ends(TimeSpan.FromSeconds(96)));
        Assert.True(_silence.Goes(TimeSpan.FromSeconds(97)));
    }
}
