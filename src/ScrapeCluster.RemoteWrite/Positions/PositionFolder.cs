using System.Buffers;
using System.Security.Cryptography;

namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>Where the position files of all queues are, and which file is whose.</summary>
internal sealed class PositionFolder(string directory)
{
    private const string Suffix = ".positions";
    private const int LongestName = 150;
    private const int KeptOfLongName = 100;

    private static readonly SearchValues<byte> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    public string PathOf(string queue) => Path.Combine(directory, FileNameOf(queue));

    /// <summary>Paths of all position files.</summary>
    public IReadOnlyList<string> Files()
    {
        try
        {
            return [.. Directory.EnumerateFiles(directory, "*" + Suffix).Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>
    /// Which file each queue without one takes over: one that belongs to no queue of <paramref name="queues"/> and was for the same receiver,
    /// each at most once. A queue named by a hash of its settings keeps its position so when they change.
    /// </summary>
    /// <param name="files">Path and hash of the URL of every file there is.</param>
    public IReadOnlyDictionary<string, string> Adoptions(IReadOnlyList<(string Name, string Url)> queues, IReadOnlyList<(string Path, UInt128 UrlHash)> files)
    {
        var owned = queues.Select(queue => PathOf(queue.Name)).ToHashSet(StringComparer.Ordinal);
        var free = files.Where(file => !owned.Contains(file.Path)).ToList();
        var present = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var adoptions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, url) in queues)
        {
            var match = free.FindIndex(file => file.UrlHash == PositionFormat.HashUrl(url));
            if (!present.Contains(PathOf(name)) && match >= 0)
            {
                adoptions[name] = free[match].Path;
                free.RemoveAt(match);
            }
        }

        return adoptions;
    }

    private static string FileNameOf(string queue)
    {
        var name = new System.Text.StringBuilder();
        var bytes = System.Text.Encoding.UTF8.GetBytes(queue);
        foreach (var value in bytes)
        {
            if (Plain.Contains(value))
            {
                name.Append((char)value);
            }
            else
            {
                name.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return (name.Length <= LongestName ? name.ToString() : name.ToString(0, KeptOfLongName) + "-" + Convert.ToHexString(SHA256.HashData(bytes))[..16]) + Suffix;
    }
}
