using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Exposition;

public sealed class WarmPathTests
{
    [Fact]
    public void TryMatchSeries_ExpectedLine_ReadsItsValue()
    {
        var parser = new TextParser("a{b=\"c\"} 1.5\na{b=\"d\"} 2 99\n"u8);

        Assert.True(parser.TryMatchSeries("a{b=\"c\"}"u8));
        Assert.Equal((ExpositionEntry.Series, 1.5, false), (parser.Entry, parser.Value, parser.HasTimestamp));
        Assert.True(parser.TryMatchSeries("a{b=\"d\"}"u8));
        Assert.Equal((2d, true, 99L), (parser.Value, parser.HasTimestamp, parser.TimestampMs));
        Assert.False(parser.MoveNext());
        Assert.Null(parser.Fault);
    }

    [Theory]
    [InlineData("ab 1\n")]
    [InlineData("a{b=\"c\"} 1\n")]
    [InlineData("a {b=\"c\"} 1\n")]
    [InlineData("b 1\n")]
    [InlineData("# HELP a\na 1\n")]
    [InlineData("a")]
    [InlineData("a ")]
    [InlineData("a x\n")]
    [InlineData("a 1 x\n")]
    [InlineData("")]
    public void TryMatchSeries_AnythingElse_LeavesItToMoveNext(string body)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(body);
        var cold = ParsedPage.Of(bytes, ExpositionFormat.Text);
        var parser = new TextParser(bytes);

        Assert.False(parser.TryMatchSeries("a"u8));
        Assert.Null(parser.Fault);
        Assert.Equal(cold.Lines.Count > 0, parser.MoveNext());
        Assert.Equal(cold.Lines.Count > 0 ? null : cold.Fault, parser.Fault);
    }

    [Fact]
    public void TryMatchSeries_BetweenOtherLines_LeavesTheTypeInForce()
    {
        var parser = new TextParser("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"2\"} 1\n"u8);
        var labels = new LabelsBuilder();

        Assert.False(parser.TryMatchSeries("h_bucket{le=\"1\"}"u8));
        Assert.True(parser.MoveNext());
        Assert.True(parser.TryMatchSeries("h_bucket{le=\"1\"}"u8));
        Assert.True(parser.MoveNext());
        parser.ReadLabels(labels);
        Assert.Equal("2.0", labels.Get("le"));
    }

    [Fact]
    public void TryMatch_WholePage_AllocatesNothing()
    {
        var body = "# TYPE a counter\na{b=\"c\"} 123\na{b=\"d\"} 12345.678\na{b=\"e\"} 0.1234567890123456789\na{b=\"f\"} NaN\na{b=\"g\"} 1 123456789\n"u8;
        Read(body);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = Read(body);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(5, sum);
    }

    private static int Read(ReadOnlySpan<byte> body)
    {
        var parser = new TextParser(body);
        var matched = parser.MoveNext() && parser.TryMatchSeries("a{b=\"c\"}"u8) ? 1 : 0;
        matched += parser.TryMatchSeries("a{b=\"d\"}"u8) ? 1 : 0;
        matched += parser.TryMatchSeries("a{b=\"e\"}"u8) ? 1 : 0;
        matched += parser.TryMatchSeries("a{b=\"f\"}"u8) ? 1 : 0;
        return matched + (parser.TryMatchSeries("a{b=\"g\"}"u8) ? 1 : 0);
    }
}
