using ScrapeCluster.Exposition;

namespace ScrapeCluster.Tests.Exposition;

public sealed class OpenMetricsParserTests
{
    [Fact]
    public void Parse_EveryKindOfLine_GivesItsEntry()
    {
        var page = ParsedPage.Of(
            "# HELP a_seconds what \\\"it\\\" is\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total{b=\"c\"} 1 5.0019 # {id=\"x\"} 0.5 3\n# EOF\n",
            ExpositionFormat.OpenMetrics);

        Assert.Null(page.Fault);
        Assert.Equal(
            [
                "help a_seconds=what \"it\" is",
                "type a_seconds=Counter",
                "unit a_seconds=seconds",
                """{__name__="a_seconds_total", b="c"} 3ff0000000000000 5001""",
            ],
            page.Lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# TYPE a gauge\n")]
    [InlineData("# TYPE a histogram\n")]
    [InlineData("# TYPE a gaugehistogram\n")]
    [InlineData("# TYPE a summary\n")]
    [InlineData("# TYPE a info\n")]
    [InlineData("# TYPE a stateset\n")]
    [InlineData("# TYPE a unknown\n")]
    [InlineData("# HELP a \n")]
    [InlineData("# UNIT a \n")]
    [InlineData("# UNIT \"a b_c\" c\n")]
    [InlineData("a 1\n")]
    [InlineData("a{} 1\n")]
    [InlineData("a +Inf\n")]
    [InlineData("a{b=\"\0\"} 1\n")]
    [InlineData("{\"a b\",c=\"d\"} 1\n")]
    [InlineData("a 1 -1.5e3\n")]
    [InlineData("a 1 # {} 1\n")]
    [InlineData("a 1 2 # {b=\"c\",\"d e\"=\"f\"} NaN 1e9\n")]
    [InlineData("# TYPE a summary\na_sum 1 # {b=\"c\"} 1\n")]
    [InlineData("# TYPE a info\nother 1 # {b=\"c\"} 1\n")]
    public void Parse_GoodPage_IsAccepted(string lines)
    {
        Assert.Null(ParsedPage.Of(lines + "# EOF", ExpositionFormat.OpenMetrics).Fault);
        Assert.Null(ParsedPage.Of(lines + "# EOF\n", ExpositionFormat.OpenMetrics).Fault);
    }

    [Theory]
    [InlineData("", "data does not end with # EOF")]
    [InlineData("a 1\n", "data does not end with # EOF")]
    [InlineData("a 1", "data does not end with # EOF")]
    [InlineData("# EOF\n\n", "unexpected data after # EOF")]
    [InlineData("# EOF\na 1\n", "unexpected data after # EOF")]
    [InlineData("# EOF ", "unexpected data after # EOF")]
    [InlineData("\n# EOF", "expected a valid start token")]
    [InlineData(" a 1\n# EOF", "expected a valid start token")]
    [InlineData("a 1\n\n# EOF", "expected a valid start token")]
    [InlineData("#EOF", "expected HELP, TYPE, UNIT or EOF after #")]
    [InlineData("# a remark\n# EOF", "expected HELP, TYPE, UNIT or EOF after #")]
    [InlineData("#  TYPE a counter\n# EOF", "expected HELP, TYPE, UNIT or EOF after #")]
    [InlineData("#\tTYPE a counter\n# EOF", "expected HELP, TYPE, UNIT or EOF after #")]
    [InlineData("# TYPE \n# EOF", "expected metric name after")]
    [InlineData("# TYPE a\n# EOF", "expected a blank, text")]
    [InlineData("# HELP a", "expected a blank, text")]
    [InlineData("# TYPE a  counter\n# EOF", "invalid metric type")]
    [InlineData("# TYPE a counter \n# EOF", "invalid metric type")]
    [InlineData("# TYPE a untyped\n# EOF", "invalid metric type")]
    [InlineData("# UNIT a b\n# EOF", "unit is not a suffix")]
    [InlineData("# UNIT ab b\n# EOF", "unit is not a suffix")]
    [InlineData("# UNIT b b\n# EOF", "unit is not a suffix")]
    [InlineData("a\t1\n# EOF", "expected value after metric")]
    [InlineData("a  1\n# EOF", "expected value after metric")]
    [InlineData("a {b=\"c\"} 1\n# EOF", "expected value after metric")]
    [InlineData("a 1 \n# EOF", "expected timestamp or exemplar")]
    [InlineData("a 1 2 \n# EOF", "expected next entry after timestamp")]
    [InlineData("a 1 2 3\n# EOF", "expected next entry after timestamp")]
    [InlineData("a 1 NaN\n# EOF", "expected timestamp or exemplar")]
    [InlineData("a 1 Inf\n# EOF", "expected timestamp or exemplar")]
    [InlineData("a 1\r\n# EOF", "expected value after metric")]
    [InlineData("a{b='c'} 1\n# EOF", "expected label value")]
    [InlineData("a{b=\"c\n\"} 1\n# EOF", "expected label value")]
    [InlineData("a{ b=\"c\"} 1\n# EOF", "expected label name")]
    [InlineData("a{b=\"c\",} 1\n# EOF", "expected label name")]
    [InlineData("a{,b=\"c\"} 1\n# EOF", "expected label name")]
    [InlineData("a{b=\"c\"d=\"e\"} 1\n# EOF", "expected comma or brace close")]
    [InlineData("a{b=\"c\" } 1\n# EOF", "expected comma or brace close")]
    [InlineData("{b=\"c\"} 1\n# EOF", "metric name not set")]
    [InlineData("a 1 # {b=\"c\"}\n# EOF", "expected value after exemplar labels")]
    [InlineData("a 1 # {b} 1\n# EOF", "expected equal")]
    [InlineData("a 1 # {\"b\"} 1\n# EOF", "expected label name")]
    [InlineData("a 1 # {b=\"c\"} 1 NaN\n# EOF", "invalid exemplar timestamp")]
    [InlineData("a 1 # {b=\"c\"} 1 2 3\n# EOF", "expected next entry")]
    [InlineData("a 1 #\n# EOF", "expected timestamp or exemplar")]
    [InlineData("a 1 # {b=\"c\"} 1 # {b=\"c\"} 1\n# EOF", "invalid exemplar timestamp")]
    [InlineData("# TYPE a info\na_info 1 # {b=\"c\"} 1\n# EOF", "a sample of this kind does not support exemplars")]
    [InlineData("# TYPE a stateset\na{a=\"x\"} 1 # {b=\"c\"} 1\n# EOF", "a sample of this kind does not support exemplars")]
    [InlineData("# TYPE a counter\na_created 1 # {b=\"c\"} 1\n# EOF", "a sample of this kind does not support exemplars")]
    [InlineData("# TYPE a histogram\na_sum 1 # {b=\"c\"} 1\n# EOF", "a sample of this kind does not support exemplars")]
    public void Parse_BrokenPage_IsRefused(string body, string message)
    {
        var fault = ParsedPage.Of(body, ExpositionFormat.OpenMetrics).Fault;

        Assert.NotNull(fault);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", 1000)]
    [InlineData("1.9999", 1999)]
    [InlineData("-1.9999", -1999)]
    [InlineData("1520879607.789", 1520879607789)]
    [InlineData("1e300", long.MinValue)]
    public void Parse_Timestamp_IsSecondsTruncatedToMilliseconds(string text, long expected)
    {
        var page = ParsedPage.Of($"a 1 {text}\n# EOF", ExpositionFormat.OpenMetrics);

        Assert.Equal(expected, Assert.Single(page.Samples).TimestampMs);
    }
}
