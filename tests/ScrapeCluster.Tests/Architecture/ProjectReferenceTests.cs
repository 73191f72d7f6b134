using System.Xml.Linq;

namespace ScrapeCluster.Tests.Architecture;

/// <summary>Holds the table of projects in docs/architecture.md: references point downward only.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Node"] = ["Cluster", "Scraping", "Discovery", "RemoteWrite", "Storage", "Configuration", "Exposition", "Actors", "Model"],
        ["Cli"] = ["Storage", "Configuration", "Exposition", "Model"],
        ["Cluster"] = ["Actors", "Model"],
        ["Scraping"] = ["Actors", "Exposition", "Configuration", "Model"],
        ["Discovery"] = ["Actors", "Configuration", "Model"],
        ["RemoteWrite"] = ["Actors", "Storage", "Configuration", "Model"],
        ["Storage"] = ["Actors", "Model"],
        ["Configuration"] = ["Model"],
        ["Exposition"] = ["Model"],
        ["Actors"] = [],
        ["Model"] = [],
    };

    // Allowed to use unsafe code (house rule: only where bytes are read and written in bulk).
    private static readonly string[] MayBeUnsafe = ["Exposition", "Storage"];

    public static TheoryData<string> Projects => [.. Directory.EnumerateFiles(RepositoryFiles.Path("src"), "*.csproj", SearchOption.AllDirectories)
        .Select(file => Path.GetFileNameWithoutExtension(file)!["ScrapeCluster.".Length..])
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesOnlyWhatTheTableAllows(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"src/ScrapeCluster.{project} is missing in the table");

        var references = Load(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))!["ScrapeCluster.".Length..]);

        Assert.Empty(references.Except(allowed));
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
}
