using ScrapeCluster.Model;

namespace ScrapeCluster.Discovery.Files;

/// <summary>How many groups each file had, to clear those it no longer has. The source of a group is <c>file:index</c>.</summary>
internal sealed class FileSources
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>The groups to tell after a look at all files.</summary>
    public List<TargetGroup> Update(IReadOnlyList<FileGroups> files)
    {
        var groups = new List<TargetGroup>();
        foreach (var file in files)
        {
            if (file.Fault is not null)
            {
                // Known from now on, so that it is cleared when it is deleted; its groups stay.
                _counts.TryAdd(file.Path, 0);
                continue;
            }

            groups.AddRange(file.Groups);
            Clear(file.Path, file.Groups.Count, groups);
            _counts[file.Path] = file.Groups.Count;
        }

        foreach (var gone in _counts.Keys.Except(files.Select(static file => file.Path), StringComparer.Ordinal).ToArray())
        {
            Clear(gone, 0, groups);
            _counts.Remove(gone);
        }

        return groups;
    }

    public static string SourceOf(string path, int index) => FormattableString.Invariant($"{path}:{index}");

    private void Clear(string path, int from, List<TargetGroup> groups)
    {
        for (var i = from; i < _counts.GetValueOrDefault(path); i++)
        {
            groups.Add(new TargetGroup(SourceOf(path, i), [], Labels.Empty));
        }
    }
}
