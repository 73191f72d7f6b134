using FsCheck;
using FsCheck.Fluent;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Tests.Configuration.Node;

public sealed class UnitTextTests
{
    [Theory]
    [InlineData("500", 500)]
    [InlineData("500ms", 500)]
    [InlineData(" 500 milliseconds ", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5 minutes", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("15d", 1_296_000_000)]
    [InlineData("1w", 604_800_000)]
    [InlineData("1y", 31_536_000_000)]
    [InlineData("2000000ns", 2)]
    [InlineData("-1s", -1000)]
    [InlineData("0", 0)]
    public void Duration_IsRead(string text, double milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1h30")]
    [InlineData("1 parsec")]
    [InlineData("1S")]
    [InlineData("--1s")]
    [InlineData("1..5s")]
    [InlineData("99999999999999999999y")]
    public void Duration_IsRefused(string text)
    {
        Assert.False(DurationText.TryParse(text, out _));
    }

    [Fact]
    public void Duration_FormattedAndRead_IsTheSame()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), number =>
        {
            var duration = TimeSpan.FromMicroseconds(number * 977L);
            return DurationText.TryParse(DurationText.Format(duration), out var read) && read == duration;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("512", 512)]
    [InlineData("1K", 1024)]
    [InlineData("64KiB", 65536)]
    [InlineData("64 kB", 64000)]
    [InlineData("1.5M", 1572864)]
    [InlineData("2 gigabytes", 2_000_000_000)]
    [InlineData("1GiB", 1073741824)]
    public void Size_IsRead(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("-1")]
    [InlineData("1 mb")]
    [InlineData("100EiB")]
    public void Size_IsRefused(string text)
    {
        Assert.False(SizeText.TryParse(text, out _));
    }

    [Theory]
    [InlineData("127.0.0.1:9095", "127.0.0.1", 9095)]
    [InlineData(":9090", "", 9090)]
    [InlineData("0.0.0.0:0", "0.0.0.0", 0)]
    [InlineData("localhost:80", "localhost", 80)]
    [InlineData("[::1]:9095", "::1", 9095)]
    public void ListenAddress_IsReadAndWritten(string text, string host, int port)
    {
        Assert.True(ListenAddress.TryParse(text, out var address));
        Assert.Equal(new ListenAddress(host, port), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("9095")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("::1:9095")]
    [InlineData("[127.0.0.1]:1")]
    [InlineData("example.org:80")]
    [InlineData("http://127.0.0.1:9095")]
    public void ListenAddress_IsRefused(string text)
    {
        Assert.False(ListenAddress.TryParse(text, out _));
    }

    [Theory]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "abd", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    public void NearestName_Distance_IsLevenshteins(string from, string to, int distance)
    {
        Assert.Equal(distance, NearestName.Distance(from, to));
    }
}
