namespace ScrapeCluster.Configuration;

/// <summary>
/// Where the texts of a configuration come from: the disk, or a copy of what another node read from its own. Other files that a configuration names
/// (targets, credentials) are not among them; they are always the disk's.
/// </summary>
public interface IConfigSource
{
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    byte[] Read(string file);

    /// <summary>The files that an entry of <c>scrape_config_files</c> names, sorted.</summary>
    /// <param name="pattern">As it is written.</param>
    /// <param name="path">Its absolute form here.</param>
    IReadOnlyList<string> Expand(string pattern, string path);
}

/// <summary>The files of this machine.</summary>
public sealed class DiskSource : IConfigSource
{
    public static readonly DiskSource Instance = new();

    public byte[] Read(string file) => File.ReadAllBytes(file);

    public IReadOnlyList<string> Expand(string pattern, string path) => FilePattern.Expand(path);
}
