using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Targets;

public sealed class PromDurationTests
{
    [Theory]
    [InlineData("0", 0, "0s")]
    [InlineData("0s", 0, "0s")]
    [InlineData("0w", 0, "0s")]
    [InlineData("1ms", 1, "1ms")]
    [InlineData("15s", 15_000, "15s")]
    [InlineData("324ms", 324, "324ms")]
    [InlineData("5m", 300_000, "5m")]
    [InlineData("1h30m", 5_400_000, "1h30m")]
    [InlineData("4d1h", 349_200_000, "4d1h")]
    [InlineData("14d", 1_209_600_000, "2w")]
    [InlineData("15d", 1_296_000_000, "15d")]
    [InlineData("3w2d1h", 1_990_800_000, "23d1h")]
    [InlineData("10y", 315_360_000_000, "10y")]
    [InlineData("1m1ms", 60_001, "1m1ms")]
    [InlineData("90s", 90_000, "1m30s")]
    public void TryParse_ValidText_IsReadAndWrittenBackInCanonicalForm(string text, long milliseconds, string canonical)
    {
        Assert.True(PromDuration.TryParse(text, out var duration, out var fault), fault);
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
        Assert.Equal(canonical, PromDuration.Format(duration));
    }

    [Theory]
    [InlineData("", "empty duration string")]
    [InlineData("1", "not a valid duration string: \"1\"")]
    [InlineData("-1w", "not a valid duration string: \"-1w\"")]
    [InlineData("1.5d", "not a valid duration string: \"1.5d\"")]
    [InlineData("1d1d", "not a valid duration string: \"1d1d\"")]
    [InlineData("1s1m", "not a valid duration string: \"1s1m\"")]
    [InlineData("294y", "duration out of range")]
    [InlineData("99999999999999999999999s", "duration out of range")]
    [InlineData(" 1s", "not a valid duration string: \" 1s\"")]
    [InlineData("1 s", "not a valid duration string: \"1 s\"")]
    [InlineData("2notseconds", "not a valid duration string: \"2notseconds\"")]
    public void TryParse_InvalidText_IsRefused(string text, string expected)
    {
        Assert.False(PromDuration.TryParse(text, out _, out var fault));
        Assert.Equal(expected, fault);
    }
}
