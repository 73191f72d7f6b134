using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Selectors;

public sealed class SelectorParserTests
{
    [Theory]
    [InlineData("up", "__name__=\"up\"")]
    [InlineData(" node:cpu:rate5m ", "__name__=\"node:cpu:rate5m\"")]
    [InlineData("up{}", "__name__=\"up\"")]
    [InlineData("up{job=\"a\"}", "job=\"a\" __name__=\"up\"")]
    [InlineData("up { job = \"a\" , x != 'b', }", "job=\"a\" x!=\"b\" __name__=\"up\"")]
    [InlineData("{job=~\"a|b\",x!~`c.*\\d`}", "job=~\"a|b\" x!~\"c.*\\\\d\"")]
    [InlineData("{\"metric.name\"}", "__name__=\"metric.name\"")]
    [InlineData("{\"metric.name\", \"label.name\"=\"b\"}", "\"label.name\"=\"b\" __name__=\"metric.name\"")]
    [InlineData("{a=\"x\", \"metric.name\",}", "a=\"x\" __name__=\"metric.name\"")]
    [InlineData("{__name__=\"up\"}", "__name__=\"up\"")]
    [InlineData("{__name__=~\"a.+\"}", "__name__=~\"a.+\"")]
    [InlineData("up # all of them\n{ # none left out\n job=\"a\" }", "job=\"a\" __name__=\"up\"")]
    [InlineData("{a=\"\\\"\\\\\\n\\t\\x41\\101\\u00e9\\U0001F600\"}", "a=\"\\\"\\\\\\n\\tAAé😀\"")]
    [InlineData("{a='it\\'s \"b\"'}", "a=\"it's \\\"b\\\"\"")]
    [InlineData("{a=`raw\\n`}", "a=\"raw\\\\n\"")]
    [InlineData("{on=\"x\",by=\"y\"}", "on=\"x\" by=\"y\"")]
    public void TryParse_Selectors_GiveTheirMatchers(string text, string expected)
    {
        Assert.True(SelectorParser.TryParse(text, out var matchers, out var fault), fault);
        Assert.Equal(expected, string.Join(' ', matchers));
    }

    [Theory]
    [InlineData("", "1:1: parse error: unexpected end of input, expected a metric name or \"{\"")]
    [InlineData("5", "1:1: parse error: unexpected character \"5\", expected a metric name or \"{\"")]
    [InlineData("up{", "1:4: parse error: unexpected end of input in label matching, expected identifier or \"}\"")]
    [InlineData("up{job}", "1:7: parse error: unexpected character \"}\" in label matching, expected label matching operator")]
    [InlineData("up{job=a}", "1:8: parse error: unexpected character \"a\" in label matching, expected string")]
    [InlineData("up{job==\"a\"}", "1:8: parse error: unexpected character \"=\" in label matching, expected string")]
    [InlineData("up{job=\"a\" x=\"b\"}", "1:12: parse error: unexpected character \"x\" in label matching, expected \",\" or \"}\"")]
    [InlineData("up{,}", "1:4: parse error: unexpected character \",\" in label matching, expected identifier or \"}\"")]
    [InlineData("up{job=\"a}", "1:11: parse error: unterminated quoted string")]
    [InlineData("up{job=\"\\q\"}", "1:9: parse error: unknown escape sequence in quoted string")]
    [InlineData("up{job=`a}", "1:11: parse error: unterminated raw string")]
    [InlineData("up[5m]", "1:3: parse error: unexpected character \"[\" after the selector")]
    [InlineData("up{\"down\"}", "1:10: parse error: metric name must not be set twice: \"up\" or \"down\"")]
    [InlineData("{a=~\"(\"}", "1:8: parse error: error parsing regexp: missing closing ): `(`")]
    [InlineData("{}", "match[] must contain at least one non-empty matcher")]
    [InlineData("{a=\"\"}", "match[] must contain at least one non-empty matcher")]
    [InlineData("{a=~\".*\",b!=\"c\"}", "match[] must contain at least one non-empty matcher")]
    public void TryParse_BadSelector_SaysWhatAndWhere(string text, string expected)
    {
        Assert.False(SelectorParser.TryParse(text, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData(MatchOp.Equal, "a", "a", true)]
    [InlineData(MatchOp.Equal, "", "", true)]
    [InlineData(MatchOp.NotEqual, "a", "", true)]
    [InlineData(MatchOp.Regex, "a|b", "b", true)]
    [InlineData(MatchOp.Regex, "a.*", "ba", false)]
    [InlineData(MatchOp.NotRegex, "a.*", "ba", true)]
    [InlineData(MatchOp.NotRegex, ".*", "", false)]
    public void Matches_EachOperator_BySpanStringAndSet(MatchOp op, string pattern, string value, bool expected)
    {
        Assert.True(LabelMatcher.TryCreate("l", op, pattern, out var matcher, out var fault), fault);

        Assert.Equal(expected, matcher.Matches(value));
        Assert.Equal(expected, matcher.Matches(System.Text.Encoding.UTF8.GetBytes(value)));
        Assert.Equal(expected, matcher.Matches(ScrapeCluster.Model.Labels.Of(("l", value), ("m", "x"))));
    }
}
