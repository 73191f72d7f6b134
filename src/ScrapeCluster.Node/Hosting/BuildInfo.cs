using System.Reflection;

namespace ScrapeCluster.Node.Hosting;

/// <summary>What this build says of itself, on <c>--version</c>, <c>/api/v1/status/buildinfo</c> and the page.</summary>
internal static class BuildInfo
{
    public static string Version { get; } = Informational.Split('+')[0];

    /// <summary>The commit, when the build knew one.</summary>
    public static string Revision { get; } = Informational.Contains('+', StringComparison.Ordinal) ? Informational.Split('+')[1] : "unknown";

    public static string Runtime { get; } = $"dotnet{Environment.Version}";

    private static string Informational =>
        typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
