using ScrapeCluster.Cluster.Membership;

namespace ScrapeCluster.Tests.Cluster.Membership;

public sealed class MemberRulesTests
{
    private static readonly MemberSigns Fine = new(0, IsRefused: false, TimeSpan.FromSeconds(0.5));
    private static readonly MemberSigns Unreached = Fine with { Missed = 3 };
    private static readonly MemberSigns Silent = Unreached with { SeenAgo = TimeSpan.FromSeconds(3.5) };

    [Theory]
    [InlineData(0, false, 0.5, Verdict.Alive)]
    [InlineData(0, false, 60, Verdict.Alive)] // the database may be down; it answers us
    [InlineData(1, false, 60, Verdict.Doubtful)]
    [InlineData(3, false, 3, Verdict.Doubtful)] // still seen by the store: perhaps only our line is cut
    [InlineData(3, false, 3.1, Verdict.Dead)]
    [InlineData(1, true, 0.1, Verdict.Dead)] // nobody listens there any more
    public void Verdict_NeedsARefusalOrTwoWitnesses(int missed, bool isRefused, double seenAgo, Verdict expected)
    {
        Assert.Equal(expected, MemberRules.Of(new MemberSigns(missed, isRefused, TimeSpan.FromSeconds(seenAgo))));
    }

    [Fact]
    public void MustResign_ReachingNoMoreThanHalf()
    {
        Assert.False(MemberRules.MustResign([]));
        Assert.False(MemberRules.MustResign([Fine]));
        Assert.True(MemberRules.MustResign([Unreached]));
        Assert.False(MemberRules.MustResign([Fine, Unreached]));
        Assert.True(MemberRules.MustResign([Fine, Unreached, Unreached]));
        Assert.False(MemberRules.MustResign([Fine, Fine, Unreached, Unreached]));
        Assert.False(MemberRules.MustResign([Fine, Silent, Silent, Silent])); // they are dead, not we cut off
    }

    [Fact]
    public void MayJudgeSilence_OnlyWhenMostOfTheFreshHaveSpoken()
    {
        var heard = Fine with { HasSpoken = true };
        Assert.True(MemberRules.MayJudgeSilence([Silent])); // nobody else is fresh
        Assert.False(MemberRules.MayJudgeSilence([Silent, Fine])); // the line that is cut may be ours
        Assert.True(MemberRules.MayJudgeSilence([Silent, heard]));
        Assert.False(MemberRules.MayJudgeSilence([Silent, heard, Fine, Fine]));
        Assert.True(MemberRules.MayJudgeSilence([Silent, heard, heard, Fine]));
        Assert.False(MemberRules.MayJudgeSilence([Silent, heard with { Missed = 3 }]));
    }
}
