using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Exposition;

public sealed class TextParserTests
{
    [Fact]
    public void Parse_EveryKindOfLine_GivesItsEntry()
    {
        var page = ParsedPage.Of("# HELP a what \\\\ it\\nis\n# TYPE a counter\n\n#\ta remark\na{b=\"c\"} 1 5\n# UNIT a seconds\na 2");

        Assert.Null(page.Fault);
        Assert.Equal(
            [
                "help a=what \\ it\nis",
                "type a=Counter",
                "comment a remark",
                """{__name__="a", b="c"} 3ff0000000000000 5""",
                "comment UNIT a seconds",
                """{__name__="a"} 4000000000000000 """,
            ],
            page.Lines);
    }

    [Theory]
    [InlineData("a 1")]
    [InlineData("a 1\n")]
    [InlineData("a\t1\t\n")]
    [InlineData("a  1  \n")]
    [InlineData("a{} 1\n")]
    [InlineData("a {} 1\n")]
    [InlineData("a{ \t} 1\n")]
    [InlineData("a{}1\n")]
    [InlineData("{\"a\"} 1\n")]
    [InlineData("  {\"a\" , } 1\n")]
    [InlineData("\n \t\na 1\n\0 anything at all \n")]
    public void Parse_WaysToWriteOneSample_AreAlike(string body)
    {
        var page = ParsedPage.Of(body);

        Assert.Null(page.Fault);
        Assert.Equal("""{__name__="a"} 3ff0000000000000 """, Assert.Single(page.Samples).ToString());
    }

    [Theory]
    [InlineData("a{b=\"c\",d=\"e\"} 1")]
    [InlineData("a{b=\"c\",d=\"e\",} 1")]
    [InlineData("a { b = \"c\" , d\t=\t\"e\" } 1")]
    [InlineData("a{d=\"e\" b=\"c\"} 1")]
    [InlineData("{b=\"c\",\"a\",d=\"e\"} 1")]
    [InlineData("{\"a\",\"b\"=\"c\",\"d\"=\"e\"} 1")]
    [InlineData("a{b=\"c\",d=\"e\",empty=\"\"} 1")]
    public void Parse_WaysToWriteLabels_AreAlike(string body)
    {
        var page = ParsedPage.Of(body);

        Assert.Null(page.Fault);
        Assert.Equal("""{__name__="a", b="c", d="e"} 3ff0000000000000 """, Assert.Single(page.Samples).ToString());
    }

    [Theory]
    [InlineData("""a{b="\"\\\n"} 1""", "\"\\\n")]
    [InlineData("""a{b="\x\t"} 1""", "\\x\\t")]
    [InlineData("a{b=\"}{,= #\"} 1", "}{,= #")]
    [InlineData("a{b=\"line\nfeed\"} 1", "line\nfeed")]
    [InlineData("a{b=\"\0\"} 1", "\0")]
    [InlineData("a{b=\"ü€𝄞\"} 1", "ü€𝄞")]
    public void Parse_LabelValue_IsUnescaped(string body, string expected)
    {
        var page = ParsedPage.Of(body);

        Assert.Equal(expected, Assert.Single(page.Samples).Labels.Get("b"));
    }

    [Theory]
    [InlineData("a", 1, 2, "expected value after metric")]
    [InlineData("\n\na \n", 3, 3, "expected value after metric")]
    [InlineData("a{b='c'} 1\n", 1, 5, "expected label value")]
    [InlineData("a{b=\n", 1, 5, "expected label value")]
    [InlineData("a{b=\"c} 1\n", 1, 5, "expected label value")]
    [InlineData("a{b=\"\\\n\"} 1\n", 1, 5, "expected label value")]
    [InlineData("a{b} 1\n", 1, 4, "expected equal")]
    [InlineData("a{,} 1\n", 1, 3, "expected label name")]
    [InlineData("a{b=\"c\",,} 1\n", 1, 9, "expected label name")]
    [InlineData("a{=\"\"} 1\n", 1, 3, "expected label name")]
    [InlineData("a{\"\"=\"b\"} 1\n", 1, 3, "expected label name")]
    [InlineData("a{\"b\"} 1\n", 1, 3, "metric name already set")]
    [InlineData("{\"a\",\"b\"} 1\n", 1, 6, "metric name already set")]
    [InlineData("{a=\"b\"} 1\n", 1, 8, "metric name not set")]
    [InlineData("{} 1\n", 1, 3, "metric name not set")]
    [InlineData("{\"a\", \"b = \"c\"}", 1, 13, "expected equal")]
    [InlineData("{A}0", 1, 3, "expected equal")]
    [InlineData("a true\n", 1, 3, "expected a float as value")]
    [InlineData("a 1_2\n", 1, 3, "expected a float as value")]
    [InlineData("a 0x1p-3\n", 1, 3, "expected a float as value")]
    [InlineData("a 1e400\n", 1, 3, "expected a float as value")]
    [InlineData("a 1\r\n", 1, 3, "expected a float as value")]
    [InlineData("a 1 -2\n", 1, 5, "expected timestamp or new record")]
    [InlineData("a 1 1.5\n", 1, 6, "expected next entry after timestamp")]
    [InlineData("a 1 1_2\n", 1, 6, "expected next entry after timestamp")]
    [InlineData("a 1 2 3\n", 1, 7, "expected next entry after timestamp")]
    [InlineData("a 1 9223372036854775808\n", 1, 5, "timestamp out of range")]
    [InlineData("a 1 # {b=\"c\"} 1\n", 1, 5, "expected timestamp or new record")]
    [InlineData("ok 1\n\ta 1\n", 2, 2, "expected a valid start token")]
    [InlineData("9 1\n", 1, 1, "expected a valid start token")]
    [InlineData("\r\n", 1, 1, "expected a valid start token")]
    [InlineData("a\0{b=\"c\"} 1", 1, 2, "expected a float as value")]
    [InlineData("a{b=\0\"c\"} 1", 1, 5, "expected label value")]
    [InlineData("a 0 1\0", 1, 6, "expected next entry after timestamp")]
    [InlineData("# TYPE #\n", 1, 8, "expected metric name after TYPE")]
    [InlineData("# HELP \n", 1, 8, "expected metric name after HELP")]
    [InlineData("# TYPE a info\n", 1, 10, "invalid metric type")]
    [InlineData("# TYPE a  counter\n", 1, 10, "invalid metric type")]
    [InlineData("# TYPE a counter \n", 1, 10, "invalid metric type")]
    public void Parse_BrokenPage_IsRefusedWithItsPlace(string body, int line, int column, string message)
    {
        var fault = ParsedPage.Of(body).Fault;

        Assert.NotNull(fault);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (fault.Line, fault.Column));
    }

    [Fact]
    public void Parse_InvalidUtf8_IsRefusedInHelpNamesAndValues()
    {
        Assert.NotNull(ParsedPage.Of([.. "# HELP a "u8, 0xff, .. "\n"u8], ExpositionFormat.Text).Fault);
        Assert.NotNull(ParsedPage.Of([.. "a{b=\""u8, 0xff, .. "\"} 1\n"u8], ExpositionFormat.Text).Fault);
        Assert.NotNull(ParsedPage.Of([.. "{\""u8, 0xc3, .. "\"} 1\n"u8], ExpositionFormat.Text).Fault);
        Assert.NotNull(ParsedPage.Of([.. "a{"u8, 0xff, .. "=\"b\"} 1\n"u8], ExpositionFormat.Text).Fault);
        Assert.Null(ParsedPage.Of([.. "# comment "u8, 0xff, .. "\n"u8], ExpositionFormat.Text).Fault);
    }

    [Fact]
    public void Parse_BoundsOfHistogramsAndSummaries_AreCanonical()
    {
        var page = ParsedPage.Of(
            "x{le=\"1\"} 1\n# TYPE h histogram\nh_bucket{le=\"1\",quantile=\"1\"} 1\nh_bucket{le=\"1000000\"} 1\nh_bucket{le=\"fast\"} 1\n"
            + "# TYPE s summary\ns{quantile=\"0\",le=\"2\"} 1\n# TYPE g gauge\ng{le=\"1\"} 1\n");

        Assert.Equal(["1", "1.0", "1e+06", "fast", "2", "1"], page.Samples.Select(s => s.Labels.Get("le")));
        Assert.Equal([null, "1", null, null, "0.0", null], page.Samples.Select(s => s.Labels.Get("quantile")));
    }

    [Fact]
    public void Parse_Untyped_IsUnknown()
    {
        var parser = new TextParser("# TYPE a counter\n# TYPE b untyped\n"u8);

        Assert.True(parser.MoveNext());
        Assert.Equal(MetricType.Counter, parser.CurrentType);
        Assert.True(parser.MoveNext());
        Assert.Equal(MetricType.Unknown, parser.CurrentType);
        Assert.False(parser.MoveNext());
        Assert.Null(parser.Fault);
    }

    [Fact]
    public void MoveNext_AfterAFault_StaysThere()
    {
        var parser = new TextParser("a x\nb 1\n"u8);

        Assert.False(parser.MoveNext());
        var fault = parser.Fault;
        Assert.False(parser.MoveNext());
        Assert.Same(fault, parser.Fault);
        Assert.Equal("""line 1, column 3: expected a float as value, got "x" while parsing: "a " """.TrimEnd(), fault!.ToString());
    }
}
