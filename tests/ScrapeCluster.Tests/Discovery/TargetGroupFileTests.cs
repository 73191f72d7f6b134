using System.Text;
using ScrapeCluster.Discovery.Files;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Discovery;

public sealed class TargetGroupFileTests
{
    [Theory]
    [InlineData("""[{"targets":["a:1","b:2"],"labels":{"x":"y"}},{"targets":["c:3"]}]""", "a:1,b:2{x=y} c:3{}")]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("""[{}]""", "{}")]
    [InlineData("""[{"targets":null,"labels":null}]""", "{}")]
    public void Json_Valid_IsRead(string text, string expected) =>
        Assert.Equal(expected, Show(TargetGroupJson.Parse(Encoding.UTF8.GetBytes(text), out var fault), fault));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("[null]")]
    [InlineData("""[{"targets":["a:1"],"lables":{}}]""")]
    [InlineData("""[{"targets":"a:1"}]""")]
    [InlineData("""[{"targets":[1]}]""")]
    [InlineData("""[{"targets":[null]}]""")]
    [InlineData("""[{"targets":["a:1"],"labels":{"x":1}}]""")]
    [InlineData("""[{"targets":["a:1"],"labels":{"":"x"}}]""")]
    [InlineData("""[] trailing""")]
    public void Json_Invalid_IsAFault(string text)
    {
        Assert.Empty(TargetGroupJson.Parse(Encoding.UTF8.GetBytes(text), out var fault));
        Assert.NotNull(fault);
    }

    [Theory]
    [InlineData("- targets: ['a:1', b:2]\n  labels:\n    x: y\n- targets: [c:3]\n", "a:1,b:2{x=y} c:3{}")]
    [InlineData("- targets:\n  - localhost:9100\n  labels: {port: 9100, on: true}\n", "localhost:9100{port=9100,on=true}")]
    [InlineData("", "")]
    [InlineData("# nothing\n", "")]
    [InlineData("[]", "")]
    [InlineData("- targets:\n", "{}")]
    [InlineData("- &a\n  targets: [a:1]\n- *a\n", "a:1{} a:1{}")]
    public void Yaml_Valid_IsRead(string text, string expected) =>
        Assert.Equal(expected, Show(TargetGroupYaml.Parse(Encoding.UTF8.GetBytes(text), out var fault), fault));

    [Theory]
    [InlineData("targets: [a:1]\n")]
    [InlineData("- targets: a:1\n")]
    [InlineData("- targets: [[a]]\n")]
    [InlineData("- targets: [a:1]\n  label: {}\n")]
    [InlineData("- targets: [a:1]\n  targets: [a:2]\n")]
    [InlineData("- labels: [a]\n")]
    [InlineData("- labels: {x: [1]}\n")]
    [InlineData("- targets: [\n")]
    [InlineData("text")]
    public void Yaml_Invalid_IsAFaultWithItsLine(string text)
    {
        Assert.Empty(TargetGroupYaml.Parse(Encoding.UTF8.GetBytes(text), out var fault));
        Assert.Contains("line ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_OfFewerGroupsOrGoneFiles_AreCleared()
    {
        var known = new FileSources();
        known.Update([File("a", 3), File("b", 1)]);
        var update = known.Update([File("a", 1), new FileGroups("b", [], "unreadable")]);
        Assert.Equal(["a:0 1", "a:1 0", "a:2 0"], update.Select(g => $"{g.Source} {g.Targets.Count}"));
        Assert.Equal(["a:0 0", "b:0 0"], known.Update([]).Select(g => $"{g.Source} {g.Targets.Count}"));
        Assert.Empty(known.Update([]));
    }

    private static FileGroups File(string path, int groups) => new(
        path,
        [.. Enumerable.Range(0, groups).Select(i => new TargetGroup(FileSources.SourceOf(path, i), [Labels.Empty], Labels.Empty))]);

    private static string Show(IReadOnlyList<WrittenGroup> groups, string? fault)
    {
        Assert.Null(fault);
        return string.Join(' ', groups.Select(g => $"{string.Join(',', g.Targets)}{{{string.Join(',', g.Labels.Select(l => $"{l.Key}={l.Value}"))}}}"));
    }
}
