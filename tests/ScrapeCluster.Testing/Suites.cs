using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Testing;

/// <summary>
/// Finds the acceptance suites: <c>shared/suites</c> beside the repository, or one directory further up for a worktree.
/// A test that needs them and finds none skips with <see cref="MissingReason"/>.
/// </summary>
public static class Suites
{
    public const string MissingReason = "the acceptance suites (../shared/suites beside the repository) are not here";

    /// <summary>Path of a file or directory within the suites, by its parts.</summary>
    public static bool TryFind([NotNullWhen(true)] out string? path, params ReadOnlySpan<string> parts)
    {
        path = null;
        if (RepositoryRoot() is not { } root)
        {
            return false;
        }

        foreach (var up in (ReadOnlySpan<string>)["..", "../.."])
        {
            var candidate = Path.GetFullPath(Path.Combine([root, up, "shared", "suites", .. parts]));
            if (Path.Exists(candidate))
            {
                path = candidate;
                return true;
            }
        }

        return false;
    }

    /// <summary>The directory that holds ScrapeCluster.sln, walking up from the test binary; null outside a clone.</summary>
    public static string? RepositoryRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "ScrapeCluster.sln")))
            {
                return directory.FullName;
            }
        }

        return null;
    }
}
