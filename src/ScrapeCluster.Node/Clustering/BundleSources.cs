using ScrapeCluster.Cluster.Config;
using ScrapeCluster.Configuration;

namespace ScrapeCluster.Node.Clustering;

/// <summary>Reads the disk, and notes what it read: afterwards <see cref="Bundle"/> is the configuration that other nodes can read as this one did.</summary>
internal sealed class RecordingSource(string mainFile) : IConfigSource
{
    private readonly Dictionary<string, byte[]> _texts = new(StringComparer.Ordinal);
    private readonly List<(string Pattern, IReadOnlyList<string> Files)> _expanded = [];

    /// <summary>Null while the main file has not been read.</summary>
    public ConfigBundle? Bundle => _texts.TryGetValue(mainFile, out var text)
        ? new ConfigBundle(text, [.. _expanded.Select(entry => new ConfigPattern(
            entry.Pattern, [.. entry.Files.Where(_texts.ContainsKey).Select(file => new ConfigText(Path.GetFileName(file), _texts[file]))]))])
        : null;

    public byte[] Read(string file) => _texts[file] = DiskSource.Instance.Read(file);

    public IReadOnlyList<string> Expand(string pattern, string path)
    {
        var files = DiskSource.Instance.Expand(pattern, path);
        _expanded.Add((pattern, files));
        return files;
    }
}

/// <summary>A configuration of another node, read as if it were this node's: paths in it start from the directory of this node's own file.</summary>
internal sealed class BundleSource(string mainFile, ConfigBundle bundle) : IConfigSource
{
    private readonly Dictionary<string, byte[]> _texts = new(StringComparer.Ordinal) { [mainFile] = bundle.Text };

    public byte[] Read(string file) => _texts.TryGetValue(file, out var text) ? text : throw new FileNotFoundException("the version does not have this file");

    public IReadOnlyList<string> Expand(string pattern, string path)
    {
        var directory = Path.GetDirectoryName(path) ?? "/";
        var files = new List<string>();
        foreach (var text in bundle.Patterns.FirstOrDefault(entry => entry.Pattern == pattern)?.Files ?? [])
        {
            var file = Path.Combine(directory, Path.GetFileName(text.Name));
            _texts[file] = text.Text;
            files.Add(file);
        }

        return files;
    }
}
