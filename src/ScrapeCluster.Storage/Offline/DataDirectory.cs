using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Opening;

namespace ScrapeCluster.Storage.Offline;

/// <summary>
/// A data directory of a node, an agent or Prometheus that is only looked at: nothing in it is changed and no lock is taken, so that it may belong to a
/// running process.
/// </summary>
public sealed class DataDirectory
{
    /// <summary>More than a directory changes while it is read once; only a test that compacts without a rest gets near.</summary>
    private const int Looks = 20;

    private DataDirectory(string path)
    {
        Path = path;
    }

    public string Path { get; }

    /// <summary>Who has the directory open for writing, such as "process 12"; null when nobody has, or when it cannot be told here.</summary>
    public string? Holder => LockHolder.Of(Path);

    internal string WalPath => System.IO.Path.Combine(Path, "wal");

    internal string ChunksPath => System.IO.Path.Combine(Path, "chunks_head");

    /// <summary>The fault says why there is nothing to look at.</summary>
    public static bool TryFind(string path, [NotNullWhen(true)] out DataDirectory? directory, [NotNullWhen(false)] out string? fault)
    {
        directory = null;
        try
        {
            var found = new DataDirectory(path);
            fault = File.Exists(path) ? $"{path} is a file, not a data directory"
                : !Directory.Exists(path) ? $"there is no directory {path}"
                : !found.HasData() ? $"{path} is no data directory: neither wal/ nor chunks_head/ nor a block is in it"
                : null;
            directory = fault is null ? found : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            fault = $"{path} cannot be read: {failure.Message}";
        }

        return directory is not null;
    }

    /// <summary>The folders that are named as blocks are, by time.</summary>
    internal IReadOnlyList<string> BlockFolders()
    {
        return [.. Directory.EnumerateDirectories(Path).Where(static folder => Ulid.TryParse(System.IO.Path.GetFileName(folder), out _)).Order(StringComparer.Ordinal)];
    }

    /// <exception cref="DirectoryNotFoundException">A block went just now: <see cref="LookAgain"/>.</exception>
    internal BlockFolder OpenBlocks()
    {
        var folder = BlockFolder.OpenReadOnly(Path);
        if (folder.Bad.FirstOrDefault(static bad => !Directory.Exists(bad.Folder)) is { } gone)
        {
            folder.Dispose();
            throw new DirectoryNotFoundException($"{gone.Folder} was removed meanwhile");
        }

        return folder;
    }

    /// <summary>Beside a running process a file that was just listed may be gone: then looks again, at what is in its place.</summary>
    internal static T LookAgain<T>(Func<T> look)
    {
        for (var left = Looks - 1; ; left--)
        {
            try
            {
                return look();
            }
            catch (Exception moved) when (left > 0 && moved is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
            {
                // Every look takes longer than the change that it met.
            }
        }
    }

    /// <summary>All files below a folder; 0 without it.</summary>
    internal static long BytesOf(string folder)
    {
        return Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length) : 0;
    }

    private bool HasData()
    {
        return Directory.Exists(WalPath) || Directory.Exists(ChunksPath) || BlockFolders().Count > 0;
    }
}
