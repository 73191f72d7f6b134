using ScrapeCluster.Configuration;

namespace ScrapeCluster.Tests.Configuration.Prometheus;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("15MB", 15 << 20)]
    [InlineData("15MiB", 15 << 20)]
    [InlineData("1.5KB", 1536)]
    [InlineData("7B", 7)]
    [InlineData("1GB512MB", (1L << 30) + (512 << 20))]
    [InlineData("+2TB", 2L << 40)]
    [InlineData("-1GB", -(1L << 30))]
    public void TryParse_Valid_GivesBytes(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, out var bytes, out var fault), fault);
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("", "units: invalid ")]
    [InlineData("100", "units: unknown unit  in 100")]
    [InlineData("MB", "units: invalid MB")]
    [InlineData("1mb", "units: unknown unit mb in 1mb")]
    [InlineData("1XB", "units: unknown unit XB in 1XB")]
    [InlineData("1 MB", "units: unknown unit  MB in 1 MB")]
    [InlineData("1.2.3MB", "units: invalid 1.2.3MB")]
    [InlineData("99999EB", "units: 99999EB is too large")]
    public void TryParse_Invalid_SaysWhy(string text, string expected)
    {
        Assert.False(ByteSize.TryParse(text, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(1, "1B")]
    [InlineData(1536, "1536B")]
    [InlineData(15 << 20, "15MiB")]
    [InlineData(1L << 60, "1EiB")]
    public void Format_GivesTheLargestExactUnit(long bytes, string expected) => Assert.Equal(expected, ByteSize.Format(bytes));
}
