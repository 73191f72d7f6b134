namespace ScrapeCluster.SystemTests.Harness;

/// <summary>The built programs of the repository that the test binary lies in.</summary>
internal static class Repository
{
    private static string Root { get; } = Testing.Suites.RepositoryRoot() ?? throw new InvalidOperationException("the tests run outside a clone");

    public static string NodeDll => Built("ScrapeCluster.Node", "ScrapeCluster.Node.dll");

    public static string ScrapectlDll => Built("ScrapeCluster.Cli", "scrapectl.dll");

    public static string KilledWriter => Built("ScrapeCluster.KilledWriter", "ScrapeCluster.KilledWriter", "tests");

    private static string Built(string project, string file, string folder = "src")
    {
        var configuration = AppContext.BaseDirectory.Contains("/Debug/", StringComparison.Ordinal) ? "Debug" : "Release";
        return Path.Combine(Root, folder, project, "bin", configuration, "net10.0", file);
    }
}
