using ScrapeCluster.Cluster.Membership;

namespace ScrapeCluster.Tests.Cluster.Membership;

public sealed class LeaderDoubtTests
{
    private static readonly LeaderDoubt Doubt = new("a", "a:1", 4, 2, Missed: 0);

    [Theory]
    [InlineData(5, false)]
    [InlineData(3.8, false)] // the renewal is a little late
    [InlineData(3.7, true)]
    [InlineData(-10, true)] // it ran out, and nobody has taken it
    public void IsDue_WhenARenewalIsOverdue(double endsInSeconds, bool expected)
    {
        Assert.Equal(expected, LeaderDoubt.IsDue(TimeSpan.FromSeconds(endsInSeconds), LeaseTerms.Default));
    }

    [Fact]
    public void IsDue_WithoutALease_No() => Assert.False(LeaderDoubt.IsDue(null, LeaseTerms.Default));

    [Fact]
    public void Missed_CountsOnlyInARow_AndNotWhatASickNodeDidNotHear()
    {
        var twice = Doubt.After(hasAnswered: false, isSick: false).After(hasAnswered: false, isSick: false);

        Assert.Equal(2, twice.Missed);
        Assert.Equal(0, twice.After(hasAnswered: true, isSick: false).Missed);
        Assert.Equal(0, twice.After(hasAnswered: false, isSick: true).Missed);
    }
}
