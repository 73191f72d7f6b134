using System.IO.Enumeration;

namespace ScrapeCluster.Storage.Head;

/// <summary>What the head takes on the disk: its log and its chunk files.</summary>
internal static class HeadBytes
{
    private static readonly EnumerationOptions AllBelow = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    public static long OnDisk(StorageOptions options, HeadBlock head) => OfFolder(options.WalPath) + (head.Files?.Bytes ?? 0);

    /// <summary>Files that go while they are counted count nothing.</summary>
    public static long OfFolder(string path)
    {
        return new FileSystemEnumerable<long>(path, static (ref FileSystemEntry entry) => entry.Length, AllBelow)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => !entry.IsDirectory,
        }.Sum();
    }
}
