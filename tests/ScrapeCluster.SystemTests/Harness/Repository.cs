namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Where the repository and its built programs lie, found upward from the test binary.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string NodeDll => Built("ScrapeCluster.Node", "ScrapeCluster.Node.dll");

    public static string ScrapectlDll => Built("ScrapeCluster.Cli", "scrapectl.dll");

    private static string Built(string project, string file)
    {
        var configuration = AppContext.BaseDirectory.Contains("/Debug/", StringComparison.Ordinal) ? "Debug" : "Release";
        return Path.Combine(Root, "src", project, "bin", configuration, "net10.0", file);
    }

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "ScrapeCluster.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"ScrapeCluster.sln is not above {AppContext.BaseDirectory}");
    }
}
