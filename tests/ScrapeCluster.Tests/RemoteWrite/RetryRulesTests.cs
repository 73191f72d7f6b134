using System.Net;
using System.Net.Http.Headers;
using ScrapeCluster.RemoteWrite.Client;

namespace ScrapeCluster.Tests.RemoteWrite;

public sealed class RetryRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(200, false, "Stored")]
    [InlineData(204, false, "Stored")]
    [InlineData(302, false, "Refused")]
    [InlineData(400, true, "Refused")]
    [InlineData(429, false, "Refused")]
    [InlineData(429, true, "Recoverable")]
    [InlineData(500, false, "Recoverable")]
    [InlineData(599, false, "Recoverable")]
    public void Classify_Status_IsStoredRecoverableOrRefused(int status, bool retry429, string expected)
    {
        Assert.Equal(expected, RetryRules.Classify((HttpStatusCode)status, retry429).ToString());
    }

    [Fact]
    public void RetryAfter_SecondsDateOrNothing()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), RetryRules.RetryAfter(new RetryConditionHeaderValue(TimeSpan.FromSeconds(2)), Now));
        Assert.Equal(TimeSpan.FromSeconds(7), RetryRules.RetryAfter(new RetryConditionHeaderValue(Now.AddSeconds(7)), Now));
        Assert.Null(RetryRules.RetryAfter(new RetryConditionHeaderValue(Now.AddSeconds(-7)), Now));
        Assert.Null(RetryRules.RetryAfter(null, Now));
    }

    [Fact]
    public void NextBackoff_DoublesUpToTheMaximum()
    {
        var min = TimeSpan.FromMilliseconds(30);
        var max = TimeSpan.FromMilliseconds(100);
        Assert.Equal(TimeSpan.FromMilliseconds(60), RetryRules.NextBackoff(min, min, max));
        Assert.Equal(max, RetryRules.NextBackoff(TimeSpan.FromMilliseconds(60), min, max));
        Assert.Equal(max, RetryRules.NextBackoff(TimeSpan.FromSeconds(9), min, max));
    }
}
