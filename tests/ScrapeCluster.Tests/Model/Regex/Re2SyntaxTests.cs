using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Regex;

/// <summary>What RE2 takes and refuses, by its public syntax page and by the words of Go's regexp package.</summary>
public sealed class Re2SyntaxTests
{
    [Theory]
    [InlineData("*", "missing argument to repetition operator: `*`")]
    [InlineData("+?", "missing argument to repetition operator: `+?`")]
    [InlineData("a|*", "missing argument to repetition operator: `*`")]
    [InlineData("(*)", "missing argument to repetition operator: `*`")]
    [InlineData("(?i)*", "missing argument to repetition operator: `*`")]
    [InlineData("{3}", "missing argument to repetition operator: `{3}`")]
    [InlineData("(abc", "missing closing ): `(abc`")]
    [InlineData("(?i)(?s", "missing closing ): `(?i)(?s`")]
    [InlineData("abc)", "unexpected ): `abc)`")]
    [InlineData("a)b|c", "unexpected ): `a)b|c`")]
    [InlineData("x[a-z", "missing closing ]: `[a-z`")]
    [InlineData("[", "missing closing ]: `[`")]
    [InlineData("[]a", "missing closing ]: `[]a`")]
    [InlineData("[z-a]", "invalid character class range: `z-a`")]
    [InlineData("[a-\\d]", "invalid escape sequence: `\\d`")]
    [InlineData("[[:word-:]]", "invalid character class range: `[:word-:]`")]
    [InlineData("[\\b]", "invalid escape sequence: `\\b`")]
    [InlineData("abc\\", "trailing backslash at end of expression: ``")]
    [InlineData("a**", "invalid nested repetition operator: `**`")]
    [InlineData("a*+", "invalid nested repetition operator: `*+`")]
    [InlineData("a??*", "invalid nested repetition operator: `??*`")]
    [InlineData("a{2}{3}", "invalid nested repetition operator: `{2}{3}`")]
    [InlineData("\\x", "invalid escape sequence: `\\x`")]
    [InlineData("\\x{110000}", "invalid escape sequence: `\\x{110000}`")]
    [InlineData("(a)\\1", "invalid escape sequence: `\\1`")]
    [InlineData("\\8", "invalid escape sequence: `\\8`")]
    [InlineData("\\Z", "invalid escape sequence: `\\Z`")]
    [InlineData("\\C", "invalid escape sequence: `\\C`")]
    [InlineData("\\k<a>", "invalid escape sequence: `\\k`")]
    [InlineData("(?=a)", "invalid or unsupported Perl syntax: `(?=`")]
    [InlineData("(?!a)", "invalid or unsupported Perl syntax: `(?!`")]
    [InlineData("(?<=a)b", "invalid or unsupported Perl syntax: `(?<=`")]
    [InlineData("(?<!a)b", "invalid or unsupported Perl syntax: `(?<!`")]
    [InlineData("(?>a)", "invalid or unsupported Perl syntax: `(?>`")]
    [InlineData("(?x)a", "invalid or unsupported Perl syntax: `(?x`")]
    [InlineData("(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`")]
    [InlineData("(?P<a", "invalid named capture: `(?P<a`")]
    [InlineData("(?P<a-b>x)", "invalid named capture: `(?P<a-b>`")]
    [InlineData("(?P<n>a)(?P<n>b)", "invalid named capture: `(?P<n>`")]
    [InlineData("(?P=n)", "invalid or unsupported Perl syntax: `(?P`")]
    [InlineData("a{1001}", "invalid repeat count: `{1001}`")]
    [InlineData("a{3,2}", "invalid repeat count: `{3,2}`")]
    [InlineData("((a{100}){10}){10}", "invalid repeat count: `{10}`")]
    [InlineData("a{99999999999}", "invalid repeat count: `{99999999999}`")]
    [InlineData("\\p{Klingon}", "invalid character class range: `\\p{Klingon}`")]
    [InlineData("\\pX", "invalid character class range: `\\pX`")]
    [InlineData("\\p{L", "invalid character class range: `\\p{L`")]
    public void TryCompile_BadPattern_IsRefusedInGosWords(string pattern, string gist)
    {
        Assert.False(Re2.TryCompile(pattern, out _, out var fault));
        Assert.Equal($"error parsing regexp: {gist}", fault);
    }

    [Fact]
    public void TryCompile_DeepNestingAndHugePatterns_AreRefused()
    {
        Assert.False(Re2.TryCompile(new string('(', 1001) + new string(')', 1001), out _, out var deep));
        Assert.StartsWith("error parsing regexp: expression nests too deeply", deep, StringComparison.Ordinal);
        Assert.True(Re2.TryCompile(new string('(', 900) + new string(')', 900), out _, out _));

        var large = string.Concat(Enumerable.Repeat("([a-z]{1000}){1}", 250));
        Assert.False(Re2.TryCompile(large, out _, out var tooLarge));
        Assert.StartsWith("error parsing regexp: expression too large", tooLarge, StringComparison.Ordinal);
    }

    [Theory]
    // Anchoring, newlines, code points.
    [InlineData("foo", "foo", true)]
    [InlineData("foo", "foobar", false)]
    [InlineData("foo|bar", "xbar", false)]
    [InlineData("foo$", "foo\n", false)]
    [InlineData("foo\\z", "foo", true)]
    [InlineData("\\Afoo", "foo", true)]
    [InlineData("^foo$", "foo", true)]
    [InlineData("a.c", "a\nc", true)]
    [InlineData("(?-s)a.c", "a\nc", false)]
    [InlineData("(?-s:a.c).", "a\nc\n", false)]
    [InlineData("(?-s:abc).", "abc\n", true)]
    [InlineData(".", "😀", true)]
    [InlineData("..", "😀", false)]
    [InlineData("[^a]", "😀", true)]
    [InlineData("[😀-😃]", "😁", true)]
    [InlineData("😀+", "😀😀", true)]
    [InlineData("\\x{1F600}", "😀", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a||b", "", true)]
    // Flags.
    [InlineData("(?i)foo", "FoO", true)]
    [InlineData("(?i)k", "\u212a", true)]
    [InlineData("(?i)\u212a", "k", true)]
    [InlineData("(?i)s", "\u017f", true)]
    [InlineData("(?i)[a-z]", "\u212a", true)]
    [InlineData("(?i)\\w", "\u212a", true)]
    [InlineData("(?i)σ", "ς", true)]
    [InlineData("(?i)Σ", "ς", true)]
    [InlineData("(?i)ß", "ẞ", true)]
    [InlineData("(?i)i", "\u0130", false)]
    [InlineData("(?i)i", "\u0131", false)]
    [InlineData("(?i)я", "Я", true)]
    [InlineData("(?i)ǆ", "ǅ", true)]
    [InlineData("(?i)[^k]", "\u212a", false)]
    [InlineData("(?i:a)b", "Ab", true)]
    [InlineData("(?i:a)b", "AB", false)]
    [InlineData("(a(?i)b|c)d", "aBd", true)]
    [InlineData("(a(?i)b|c)d", "Cd", true)]
    [InlineData("(a(?i)b|c)d", "aBD", false)]
    [InlineData("(?i)a(?-i)b", "Ab", true)]
    [InlineData("(?i)a(?-i)b", "AB", false)]
    [InlineData("(?m)a$\n^b", "a\nb", true)]
    [InlineData("a$\n^b", "a\nb", false)]
    [InlineData("(?m)^a$\n", "a\n", true)]
    // Classes.
    [InlineData("\\d", "7", true)]
    [InlineData("\\d", "٣", false)]
    [InlineData("\\w", "é", false)]
    [InlineData("\\W", "é", true)]
    [InlineData("\\s", "\u00a0", false)]
    [InlineData("\\s", "\v", false)]
    [InlineData("[[:space:]]", "\v", true)]
    [InlineData("\\S", "\v", true)]
    [InlineData("[\\d\\-x]+", "1-x", true)]
    [InlineData("[a\\]]+", "a]", true)]
    [InlineData("[]a]+", "]a", true)]
    [InlineData("[^]a]+", "]", false)]
    [InlineData("[a-]+", "a-", true)]
    [InlineData("[-a]+", "-a", true)]
    [InlineData("[+--]+", "+,-", true)]
    [InlineData("[[:alpha:]]+", "aZ", true)]
    [InlineData("[[:^alpha:]]+", "19", true)]
    [InlineData("[[:alpha:][:digit:]]+", "a9", true)]
    [InlineData("[[:alpha]+", "[:ph", true)]
    [InlineData("[[:word:]]+", "a_9", true)]
    [InlineData("[[:punct:]]+", "!/:@[`{~", true)]
    [InlineData("[[:xdigit:]]+", "09afAF", true)]
    [InlineData("\\pL+", "aé日", true)]
    [InlineData("\\p{Lu}", "É", true)]
    [InlineData("\\p{Lu}", "é", false)]
    [InlineData("\\P{Lu}", "é", true)]
    [InlineData("\\p{^Lu}", "é", true)]
    [InlineData("[\\p{Nd}x]+", "٣x", true)]
    [InlineData("\\p{Greek}+", "αΩ", true)]
    [InlineData("\\p{Greek}", "a", false)]
    [InlineData("\\p{Han}+", "日本", true)]
    [InlineData("\\p{Cyrillic}+", "Жя", true)]
    [InlineData("\\p{Any}", "x", true)]
    // Word boundaries are those of ASCII words.
    [InlineData("é\\bfoo", "éfoo", true)]
    [InlineData("a\\bb", "ab", false)]
    [InlineData("a\\Bb", "ab", true)]
    [InlineData("\\ba b\\b", "a b", true)]
    [InlineData("a\\b.b", "a-b", true)]
    [InlineData("é\\B-", "é-", true)]
    // Escapes.
    [InlineData("\\.\\_\\-\\@", "._-@", true)]
    [InlineData("\\Qa.b\\E+", "a.bbb", true)]
    [InlineData("\\Qa.b", "a.b", true)]
    [InlineData("\\Qa.b", "axb", false)]
    [InlineData("\\141\\x62\\x{63}", "abc", true)]
    [InlineData("\\0", "\0", true)]
    [InlineData("\\01a", "\u0001a", true)]
    [InlineData("\\a\\f\\n\\r\\t\\v", "\a\f\n\r\t\v", true)]
    [InlineData("[\\x{61}-\\x{63}\\n]+", "abc\n", true)]
    // Repetition.
    [InlineData("a{2}", "aa", true)]
    [InlineData("a{2}", "aaa", false)]
    [InlineData("a{2,}", "aaaa", true)]
    [InlineData("a{2,3}", "aaaa", false)]
    [InlineData("a{0}", "", true)]
    [InlineData("a{,2}", "a{,2}", true)]
    [InlineData("a{01}", "a{01}", true)]
    [InlineData("a{", "a{", true)]
    [InlineData("a{1", "a{1", true)]
    [InlineData("{a}", "{a}", true)]
    [InlineData("a{1000}", "a", false)]
    [InlineData("(a{10}){10}", "a", false)]
    [InlineData("^*a", "a", true)]
    [InlineData("(|a)*b", "aab", true)]
    [InlineData("(a*)*b", "aab", true)]
    [InlineData("(a*)+", "", true)]
    public void IsMatch_TableOfMeanings(string pattern, string input, bool expected)
    {
        Assert.True(Re2.TryCompile(pattern, out var regex, out var fault), fault);
        Assert.Equal(expected, regex.IsMatch(input));
        Assert.Equal(expected, regex.Simulate(System.Text.Encoding.UTF8.GetBytes(input), []));
    }

    [Fact]
    public void IsMatch_BytesThatAreNotUtf8_CountAsOneReplacementCharacterEach()
    {
        byte[] input = [0xE2, 0x28, 0xFF];

        Assert.True(Compile("...").IsMatch(input));
        Assert.False(Compile("..").IsMatch(input));
        Assert.True(Compile("\uFFFD\\(\uFFFD").IsMatch(input));
        Assert.True(Compile("[^a]*x?").IsMatch(input));
    }

    [Theory]
    [InlineData("(a+)(a*)", "aaa", "aaa|")]
    [InlineData("(a+?)(a*)", "aaa", "a|aa")]
    [InlineData("(?U)(a+)(a*)", "aaa", "a|aa")]
    [InlineData("(?U)(a+?)(a*?)", "aaa", "aaa|")]
    [InlineData("(a|ab)(c|bcd)(d*)", "abcd", "a|bcd|")]
    [InlineData("(ab|a)(c|bcd)(d*)", "abcd", "ab|c|d")]
    [InlineData("(a)|(b)", "b", "-|b")]
    [InlineData("(?:(a)|(b))*", "ab", "a|b")]
    [InlineData("(.*):(\\d+)", "a:b:80", "a:b|80")]
    [InlineData("([^:]+)(?::\\d+)?", "host:80", "host")]
    [InlineData("(.*)é(.*)", "xéy", "x|y")]
    [InlineData("(a{2,3})(a*)", "aaaa", "aaa|a")]
    [InlineData("(a{2,3}?)(a*)", "aaaa", "aa|aa")]
    [InlineData("((a)(b)?)+", "aba", "a|a|b")]
    [InlineData("pre-(.*)", "pre-x", "x")]
    [InlineData("(.+)-post", "x-post", "x")]
    public void TryMatch_Groups_AreThoseOfTheFirstMatch(string pattern, string input, string expected)
    {
        var regex = Compile(pattern);
        var groups = new int[2 * (regex.GroupCount + 1)];
        var utf8 = System.Text.Encoding.UTF8.GetBytes(input);

        Assert.True(regex.TryMatch(utf8, groups));
        var texts = Enumerable.Range(1, regex.GroupCount)
            .Select(i => groups[2 * i] < 0 ? "-" : System.Text.Encoding.UTF8.GetString(utf8.AsSpan()[groups[2 * i]..groups[(2 * i) + 1]]));
        Assert.Equal(expected, string.Join('|', texts));
        Assert.Equal([0, utf8.Length], groups[..2]);
    }

    [Fact]
    public void GroupNumber_BothSpellings_AreNames()
    {
        var regex = Compile("(?P<one>a)(?<two>b)(c)");

        Assert.Equal((1, 2, -1, 3), (regex.GroupNumber("one"), regex.GroupNumber("two"), regex.GroupNumber(""), regex.GroupCount));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a|b|c", "a b c")]
    [InlineData("(?:a|b)", "a b")]
    [InlineData("(web|db)-[12]", "web-1 web-2 db-1 db-2")]
    [InlineData("a|", "a ")]
    [InlineData("a|a", "a")]
    [InlineData("a.*", null)]
    [InlineData("a+", null)]
    [InlineData("^a$", null)]
    public void Literals_PlainLists_AreKnown(string pattern, string? expected)
    {
        Assert.Equal(expected?.Split(' '), Compile(pattern).Literals);
    }

    private static Re2Regex Compile(string pattern)
    {
        Assert.True(Re2.TryCompile(pattern, out var regex, out var fault), fault);
        return regex;
    }
}
