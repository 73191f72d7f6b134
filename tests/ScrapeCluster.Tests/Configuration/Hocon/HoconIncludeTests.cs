using ScrapeCluster.Configuration.Hocon;

namespace ScrapeCluster.Tests.Configuration.Hocon;

public sealed class HoconIncludeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("scrapecluster-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("include \"foo.conf\"")]
    [InlineData("include\"foo.conf\"")]
    [InlineData("include\n  \"foo.conf\"")]
    [InlineData("include file(\"foo.conf\")")]
    [InlineData("include required(\"foo.conf\")")]
    [InlineData("include required( file( \"foo.conf\" ) )")]
    [InlineData("include \"foo\"")]
    public void Include_InAllSpellings(string line)
    {
        Write("foo.conf", "x = 1");

        AssertMeans($"a = 0\n{line}\nb = 2", """{"a":0,"x":1,"b":2}""");
    }

    [Fact]
    public void Include_MergesWhereItStands()
    {
        Write("foo.conf", "x = 1, o { p = 1, q = 1 }");

        AssertMeans("x = 0, o { r = 0 }\ninclude \"foo.conf\"\no.p = 2", """{"x":1,"o":{"r":0,"p":2,"q":1}}""");
    }

    [Fact]
    public void Include_AbsentFile_IsNothing_UnlessRequired()
    {
        AssertMeans("include \"none.conf\", a = 1", """{"a":1}""");

        var fault = Assert.Throws<HoconException>(() => Load("\ninclude required(\"none.conf\")"));
        Assert.StartsWith(Path.Combine(_directory, "main.conf") + ":2: the required include \"none.conf\" was not found", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Include_JsonThenConf_WhenTheNameHasNoExtension()
    {
        Write("foo.json", """{"x": 1, "y": 1}""");
        Write("foo.conf", "y = 2");

        AssertMeans("include \"foo\"", """{"x":1,"y":2}""");
    }

    [Fact]
    public void Include_NamesAreRelativeToTheIncludingFile()
    {
        Write("sub/foo.conf", "include \"bar.conf\"\nx = 1");
        Write("sub/bar.conf", "y = 2");

        AssertMeans("include \"sub/foo.conf\"", """{"y":2,"x":1}""");
    }

    [Fact]
    public void Include_Substitutions_AreRelativeToWhereItIsIncluded()
    {
        Write("foo.conf", "x : 10, y : ${x}");

        AssertMeans("a : { include \"foo.conf\" }", """{"a":{"x":10,"y":10}}""");
        AssertMeans("a : { include \"foo.conf\" }\na : { x : 42 }", """{"a":{"x":42,"y":42}}""");
    }

    [Fact]
    public void Include_Substitutions_FallBackToTheRoot()
    {
        Write("foo.conf", "y : ${x}");
        Write("bar.conf", "b { include \"foo.conf\" }");

        AssertMeans("x = 1, a { include \"foo.conf\" }", """{"x":1,"a":{"y":1}}""");
        AssertMeans("x = 1, a { include \"bar.conf\", b.x = 2 }", """{"x":1,"a":{"b":{"y":2,"x":2}}}""");
    }

    [Fact]
    public void Include_SelfReferenceAndAppend_SeeEarlierValuesOfTheIncluder()
    {
        Write("foo.conf", "p = ${?p}\"b\", l += 2");

        AssertMeans("o { p = a, l = [1], include \"foo.conf\" }", """{"o":{"p":"ab","l":[1,2]}}""");
    }

    [Fact]
    public void Include_Cycle_IsAFaultWithTheChain()
    {
        Write("foo.conf", "include \"bar.conf\"");
        Write("bar.conf", "\ninclude \"foo.conf\"");

        var fault = Assert.Throws<HoconException>(() => Load("include \"foo.conf\""));
        Assert.Contains("bar.conf:2: include cycle: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("main.conf -> ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Include_FaultInside_NamesTheIncludedFile()
    {
        Write("foo.conf", "a = 1\nb = ]");

        Assert.Contains("foo.conf:2: ", Assert.Throws<HoconException>(() => Load("include \"foo.conf\"")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merge_LaterDocumentsWin_AndSeeAllTogether()
    {
        var merged = HoconDocument.Merge(
            HoconDocument.Parse("dir = /a, path = ${dir}/x, o { p = 1 }"),
            HoconDocument.Parse("dir = /b, o { q = ${o.p} }"));

        Assert.Equal("""{"dir":"/b","path":"/b/x","o":{"p":1,"q":1}}""", HoconAssert.Write(merged.Resolve(_ => null)));
    }

    private void AssertMeans(string main, string json) => Assert.Equal(json, HoconAssert.Write(Load(main)));

    private HoconObject Load(string main)
    {
        Write("main.conf", main);
        return HoconDocument.Load(Path.Combine(_directory, "main.conf")).Resolve(_ => null);
    }

    private void Write(string name, string content)
    {
        var path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
