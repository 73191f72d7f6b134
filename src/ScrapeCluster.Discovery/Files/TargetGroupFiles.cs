using ScrapeCluster.Model;

namespace ScrapeCluster.Discovery.Files;

/// <summary>One file as it was found: its groups, or why it could not be read.</summary>
/// <param name="WrittenAt">When the file was last changed; null when it could not be read.</param>
internal sealed record FileGroups(string Path, IReadOnlyList<TargetGroup> Groups, string? Fault = null, DateTime? WrittenAt = null);

/// <summary>Finds and reads the files of an entry.</summary>
internal static class TargetGroupFiles
{
    public static IReadOnlyList<FileGroups> ReadAll(IReadOnlyList<string> patterns)
    {
        var files = new List<FileGroups>();
        foreach (var path in patterns.SelectMany(Expand).Distinct(StringComparer.Ordinal))
        {
            if (Read(path) is { } file)
            {
                files.Add(file);
            }
        }

        return files;
    }

    /// <summary>The file's groups with their sources and the label that tells the file; null when there is no such file any more.</summary>
    public static FileGroups? Read(string path)
    {
        byte[] content;
        DateTime writtenAt;
        try
        {
            writtenAt = File.GetLastWriteTimeUtc(path);
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new FileGroups(path, [], e.Message);
        }

        var isJson = System.IO.Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);
        var written = isJson ? TargetGroupJson.Parse(content, out var fault) : TargetGroupYaml.Parse(content, out fault);
        return fault is null
            ? new FileGroups(path, [.. written.Select((group, i) => GroupOf(path, i, group))], WrittenAt: writtenAt)
            : new FileGroups(path, [], fault, writtenAt);
    }

    private static IEnumerable<string> Expand(string pattern)
    {
        var name = System.IO.Path.GetFileName(pattern);
        if (!name.Contains('*', StringComparison.Ordinal))
        {
            return [pattern];
        }

        var directory = System.IO.Path.GetDirectoryName(pattern);
        var options = new EnumerationOptions { MatchType = MatchType.Simple, MatchCasing = MatchCasing.CaseSensitive, AttributesToSkip = 0 };
        try
        {
            return Directory.GetFiles(string.IsNullOrEmpty(directory) ? "." : directory, name, options).Order(StringComparer.Ordinal);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static TargetGroup GroupOf(string path, int index, WrittenGroup written)
    {
        var labels = new LabelsBuilder();
        foreach (var (name, value) in written.Labels)
        {
            labels.Set(name, value);
        }

        labels.Set("__meta_filepath", path);
        var targets = written.Targets.Select(static address => Labels.Of(("__address__", address)));
        return new TargetGroup(FileSources.SourceOf(path, index), [.. targets], labels.ToLabels());
    }
}

/// <summary>A group as it stands in a file.</summary>
internal sealed record WrittenGroup(IReadOnlyList<string> Targets, IReadOnlyDictionary<string, string> Labels);
