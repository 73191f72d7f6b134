using System.IO.Enumeration;

namespace ScrapeCluster.Configuration;

/// <summary>Paths whose last element may be a pattern with <c>*</c> and <c>?</c>.</summary>
internal static class FilePattern
{
    /// <summary>The files that are there, sorted; a path without wildcards gives itself when it exists.</summary>
    public static List<string> Expand(string path)
    {
        var name = Path.GetFileName(path);
        if (name.AsSpan().IndexOfAny('*', '?') < 0)
        {
            return File.Exists(path) ? [path] : [];
        }

        var directory = Path.GetDirectoryName(path) ?? "/";
        if (!Directory.Exists(directory))
        {
            return [];
        }

        var files = Directory.EnumerateFiles(directory)
            .Where(file => FileSystemName.MatchesSimpleExpression(name, Path.GetFileName(file), ignoreCase: false))
            .ToList();
        files.Sort(string.CompareOrdinal);
        return files;
    }
}
