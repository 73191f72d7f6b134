using System.Xml.Linq;

namespace ScrapeCluster.Tests.Architecture;

/// <summary>Holds the table of projects in docs/architecture.md: references point downward only.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = ReadTable();

    // Allowed to use unsafe code (house rule: only where bytes are read and written in bulk).
    private static readonly string[] MayBeUnsafe = ["Exposition", "Storage"];

    public static TheoryData<string> Projects => [.. Directory.EnumerateFiles(RepositoryFiles.Path("src"), "*.csproj", SearchOption.AllDirectories)
        .Select(file => Path.GetFileNameWithoutExtension(file)!["ScrapeCluster.".Length..])
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesOnlyWhatTheTableAllows(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"src/ScrapeCluster.{project} is missing in the table of docs/architecture.md");

        var references = Load(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))!["ScrapeCluster.".Length..]);

        Assert.Empty(references.Except(allowed));
    }

    [Fact]
    public void Table_PointsDownwardOnly()
    {
        var order = Allowed.Keys.ToList();

        Assert.NotEmpty(order);
        Assert.All(Allowed, row => Assert.All(row.Value, reference => Assert.True(order.IndexOf(reference) > order.IndexOf(row.Key), $"{row.Key} -> {reference}")));
    }

    [Theory]
    [InlineData("Model")]
    [InlineData("Actors")]
    public void LowestProjects_UseTheBaseLibraryOnly(string project)
    {
        var file = Load(project);

        Assert.Empty(file.Descendants("PackageReference"));
        Assert.Empty(file.Descendants("FrameworkReference"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_IsSafe_UnlessItReadsAndWritesBytesInBulk(string project)
    {
        var isUnsafe = Load(project).Descendants("AllowUnsafeBlocks").Any(element => element.Value == "true");

        Assert.True(!isUnsafe || MayBeUnsafe.Contains(project), $"src/ScrapeCluster.{project} allows unsafe code");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_IsInTheSolution(string project)
    {
        Assert.Contains($"ScrapeCluster.{project}.csproj", File.ReadAllText(RepositoryFiles.Path("ScrapeCluster.sln")), StringComparison.Ordinal);
    }

    private static XDocument Load(string project) =>
        XDocument.Load(RepositoryFiles.Path("src", $"ScrapeCluster.{project}", $"ScrapeCluster.{project}.csproj"));

    /// <summary>The rows "| `ScrapeCluster.X` | holds | references |", from the top of the tower to its foot.</summary>
    private static Dictionary<string, string[]> ReadTable()
    {
        var rows = File.ReadLines(RepositoryFiles.Path("docs", "architecture.md"))
            .Where(line => line.StartsWith("| `ScrapeCluster.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(cells => (Project: cells[0].Trim('`')["ScrapeCluster.".Length..], References: cells[^1]))
            .ToList();
        return rows.Select((row, index) => (row.Project, Allowed: row.References switch
        {
            "all below" => rows.Skip(index + 1).Select(below => below.Project).ToArray(),
            "base library only" => [],
            _ => row.References.Split(", "),
        })).ToDictionary(row => row.Project, row => row.Allowed);
    }
}
