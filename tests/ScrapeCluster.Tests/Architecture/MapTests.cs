using System.Text.RegularExpressions;

namespace ScrapeCluster.Tests.Architecture;

/// <summary>A map that names what is gone leads nowhere.</summary>
public sealed partial class MapTests
{
    [Fact]
    public void Map_EveryFileItNames_Exists()
    {
        var named = FileName().Matches(Map()).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, file => Assert.True(File.Exists(RepositoryFiles.Path("src", file)), $"src/README.md names {file}, which is not there"));
    }

    [Fact]
    public void Map_NamesEveryProject()
    {
        var map = Map();

        Assert.All(Directory.EnumerateDirectories(RepositoryFiles.Path("src"), "ScrapeCluster.*"), project => Assert.Contains($"| `{Path.GetFileName(project)}` |", map, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/architecture.md")]
    public void ActorTree_EveryType_Exists(string document)
    {
        var types = ActorType().Matches(File.ReadAllText(RepositoryFiles.Path(document))).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToList();
        var sources = RepositoryFiles.Sources("src").Select(Path.GetFileNameWithoutExtension).ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(types);
        Assert.All(types, type => Assert.Contains(type, sources));
    }

    private static string Map() => File.ReadAllText(RepositoryFiles.Path("src", "README.md"));

    [GeneratedRegex("`(ScrapeCluster\\.[A-Za-z]+/[^`]+)`")]
    private static partial Regex FileName();

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+Actor\b")]
    private static partial Regex ActorType();
}
