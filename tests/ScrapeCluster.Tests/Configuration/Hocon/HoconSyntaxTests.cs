namespace ScrapeCluster.Tests.Configuration.Hocon;

/// <summary>The sections of HOCON.md from "Comments" to "Path expressions", re-expressed as text and the JSON it means.</summary>
public sealed class HoconSyntaxTests
{
    [Theory]
    // Omitted root braces, empty texts.
    [InlineData("", "{}")]
    [InlineData("\uFEFFa = 1", """{"a":1}""")]
    [InlineData("{}", "{}")]
    [InlineData("\n # only a comment", "{}")]
    [InlineData("{ a : 1 }  // end", """{"a":1}""")]
    // Comments.
    [InlineData("a = 1 # one\n// two\nb = 2 // two", """{"a":1,"b":2}""")]
    [InlineData("a = \"# no // comment\"", """{"a":"# no // comment"}""")]
    [InlineData("a = [ 1 # one\n 2 // two\n ]", """{"a":[1,2]}""")]
    [InlineData("a { # c\n b = 1 }", """{"a":{"b":1}}""")]
    // Key-value separator.
    [InlineData("a : 1, b = 2, c { d = 3 }, e : { f = 4 }", """{"a":1,"b":2,"c":{"d":3},"e":{"f":4}}""")]
    [InlineData("a\n=\n1", """{"a":1}""")]
    [InlineData("a\n{ b = 1 }", """{"a":{"b":1}}""")]
    // Commas.
    [InlineData("a = [1,2,3,]", """{"a":[1,2,3]}""")]
    [InlineData("a = [1\n2\n3]", """{"a":[1,2,3]}""")]
    [InlineData("a = [1\n,2]", """{"a":[1,2]}""")]
    [InlineData("a = 1,\nb = 2\n\n\nc = 3,", """{"a":1,"b":2,"c":3}""")]
    // Whitespace.
    [InlineData("\u00A0a\u2003=\t1\r\nb = 2\r\n", """{"a":1,"b":2}""")]
    // Duplicate keys and object merging.
    [InlineData("a = 1, a = 2", """{"a":2}""")]
    [InlineData("foo { a : 42 }, foo { b : 43 }", """{"foo":{"a":42,"b":43}}""")]
    [InlineData("foo { a : 42 }, foo : null, foo { b : 43 }", """{"foo":{"b":43}}""")]
    [InlineData("foo { a : 42, b { x = 1 } }, foo { a : 43, b { y = 2 } }", """{"foo":{"a":43,"b":{"x":1,"y":2}}}""")]
    [InlineData("a = [1], a = [2]", """{"a":[2]}""")]
    // Unquoted strings and literals.
    [InlineData("a = foo, b = true, c = null, d = false, e = truefoo, f = nullify", """{"a":"foo","b":true,"c":null,"d":false,"e":"truefoo","f":"nullify"}""")]
    [InlineData("a = -1.5e+3, b = 10.0foo, c = 1e5, d = -foo, e = 01", """{"a":-1500,"b":"10.0foo","c":1e5,"d":"-foo","e":"01"}""")]
    [InlineData("a = x/y, b = a-b_c.d, c = %|~;<>()'", """{"a":"x/y","b":"a-b_c.d","c":"%|~;<>()'"}""")]
    [InlineData("a = 10 ms", """{"a":"10 ms"}""")]
    // Strings.
    [InlineData("""a = "q\"u\\o\/t\b\f\n\r\te\u00e9\uD83D\uDE00" """, "{\"a\":\"q\\\"u\\\\o/t\\b\\f\\n\\r\\te\u00e9\U0001F600\"}")]
    [InlineData("a = \"\"\"x\n\\n \"y\" z\"\"\"", """{"a":"x\n\\n \"y\" z"}""")]
    [InlineData("a = \"\"\"\"\"\"", """{"a":""}""")]
    [InlineData("a = \"\"\"quote\"\"\"\"", """{"a":"quote\""}""")]
    [InlineData("a = \"\", b = \"\"", """{"a":"","b":""}""")]
    public void Text_Means_Json(string hocon, string json) => HoconAssert.Means(hocon, json);

    [Theory]
    // String value concatenation.
    [InlineData("a = foo bar baz", """{"a":"foo bar baz"}""")]
    [InlineData("a =  foo \t bar  # c", """{"a":"foo \t bar"}""")]
    [InlineData("a = foo \"  bar\" baz", """{"a":"foo   bar baz"}""")]
    [InlineData("a = 1 2 3, b = true false, c = a null b", """{"a":"1 2 3","b":"true false","c":"a null b"}""")]
    [InlineData("a = \"x\"\"y\"", """{"a":"xy"}""")]
    // Arrays and objects.
    [InlineData("a = [1] [2, 3]", """{"a":[1,2,3]}""")]
    [InlineData("a = [1][2]", """{"a":[1,2]}""")]
    [InlineData("a = { b : 1 } { c : 2 }", """{"a":{"b":1,"c":2}}""")]
    [InlineData("a { b : 1 } { b : 2 }", """{"a":{"b":2}}""")]
    [InlineData("a = [ { x = 1 } { y = 2 } ]", """{"a":[{"x":1,"y":2}]}""")]
    [InlineData("a = [ { x = 1 }\n { y = 2 } ]", """{"a":[{"x":1},{"y":2}]}""")]
    [InlineData("a = [ foo bar, [ 1 2 ] [ 3 ] ]", """{"a":["foo bar",["1 2",3]]}""")]
    [InlineData("a = [ [ 1, 2 ], [ 3, 4 ] ]", """{"a":[[1,2],[3,4]]}""")]
    public void Concatenation_Means_Json(string hocon, string json) => HoconAssert.Means(hocon, json);

    [Theory]
    [InlineData("foo.bar : 42", """{"foo":{"bar":42}}""")]
    [InlineData("foo.bar.baz : 42", """{"foo":{"bar":{"baz":42}}}""")]
    [InlineData("a.x : 42, a.y : 43", """{"a":{"x":42,"y":43}}""")]
    [InlineData("a b c : 42", """{"a b c":42}""")]
    [InlineData("true : 42, 3.14 : 42, null = 1", """{"true":42,"3":{"14":42},"null":1}""")]
    [InlineData("10.0foo : 1", """{"10":{"0foo":1}}""")]
    [InlineData("foo10.0 : 1", """{"foo10":{"0":1}}""")]
    [InlineData("foo\"10.0\" : 1", """{"foo10.0":1}""")]
    [InlineData("a.\"\".b : 1", """{"a":{"":{"b":1}}}""")]
    [InlineData("\"a.b\".c : 1", """{"a.b":{"c":1}}""")]
    [InlineData("\"\" : 1", """{"":1}""")]
    [InlineData("a-b_c : 1", """{"a-b_c":1}""")]
    [InlineData("foo include : 42", """{"foo include":42}""")]
    [InlineData("\"include\" : 42, foo : include, a = [ include ]", """{"include":42,"foo":"include","a":["include"]}""")]
    [InlineData("included = 1, include.x = 2", """{"included":1,"include":{"x":2}}""")]
    public void Key_Means_Json(string hocon, string json) => HoconAssert.Means(hocon, json);

    [Theory]
    [InlineData("a = [1,2", 1, "']'")]
    [InlineData("a = {\nb = 1", 2, "'}'")]
    [InlineData("{ a = 1", 1, "'}'")]
    [InlineData("a = 1 }", 1, "'}'")]
    [InlineData("{ a = 1 } b = 2", 1, "the end")]
    [InlineData("[1, 2]", 1, "array")]
    [InlineData("\n\na", 3, "after the key \"a\"")]
    [InlineData("a = ", 1, "a value")]
    [InlineData("a =\n\n, b = 1", 3, "a value")]
    [InlineData("a = [1,,2]", 1, "comma")]
    [InlineData("a = [,1]", 1, "comma")]
    [InlineData("a = [,]", 1, "comma")]
    [InlineData(", a = 1", 1, "comma")]
    [InlineData("a = 1,,b = 2", 1, "comma")]
    [InlineData("a..b = 1", 1, "empty element")]
    [InlineData(".a = 1", 1, "empty element")]
    [InlineData("a. = 1", 1, "empty element")]
    [InlineData("= 1", 1, "a key")]
    [InlineData("\na = \"x", 2, "not closed")]
    [InlineData("a = \"x\ny\"", 1, "not closed")]
    [InlineData("a = \"\"\"x\n\n", 1, "not closed")]
    [InlineData("a = \"\\x\"", 1, "escape")]
    [InlineData("a = \"\\u12g4\"", 1, "escape")]
    [InlineData("a = http://x", 1, "':'")]
    [InlineData("a = b = c", 1, "'='")]
    [InlineData("a = x + y", 1, "'+'")]
    [InlineData("a = x@y", 1, "'@'")]
    [InlineData("a = `x`", 1, "'`'")]
    [InlineData("a = ${b", 1, "'}'")]
    [InlineData("a = ${}", 1, "a path")]
    [InlineData("a = ${ ${b} }", 1, "a path")]
    [InlineData("a = $b", 1, "'$'")]
    [InlineData("a = {} 1", 1, "put together")]
    [InlineData("a = 1 [2]", 1, "put together")]
    [InlineData("a = [1] {b=1}", 1, "put together")]
    [InlineData("include foo", 1, "include")]
    [InlineData("include = 1", 1, "include")]
    [InlineData("include url(\"http://x\")", 1, "not supported")]
    [InlineData("include required(\"x\"", 1, "')'")]
    [InlineData("include \"x\0\"", 1, "cannot read")]
    public void BrokenText_Fails_WithItsLine(string hocon, int line, string gist)
    {
        var message = HoconAssert.Fails(hocon);

        Assert.StartsWith($"text:{line}: ", message, StringComparison.Ordinal);
        Assert.Contains(gist, message, StringComparison.Ordinal);
    }

    [Fact]
    public void LineSeparator_IsABlank_NotTheEndOfALine() => HoconAssert.Means("a = x\u2028y", "{\"a\":\"x\u2028y\"}");

    [Fact]
    public void DeepNesting_Fails_InsteadOfEndingTheProcess() =>
        Assert.Contains("nested deeper", HoconAssert.Fails("a = " + new string('[', 100_000)), StringComparison.Ordinal);

    [Fact]
    public void LongPath_Fails_InsteadOfEndingTheProcess() =>
        Assert.Contains("nested deeper", HoconAssert.Fails(string.Join('.', Enumerable.Repeat("a", 100_000)) + " = 1"), StringComparison.Ordinal);

    [Fact]
    public void LongChainOfSubstitutions_Fails_InsteadOfEndingTheProcess()
    {
        var chain = string.Join('\n', Enumerable.Range(0, 100_000).Select(link => $"a{link} = ${{a{link + 1}}}"));

        Assert.Contains("steps", HoconAssert.Fails(chain), StringComparison.Ordinal);
    }
}
