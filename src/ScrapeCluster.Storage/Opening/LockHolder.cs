using System.Globalization;
using System.Runtime.InteropServices;

namespace ScrapeCluster.Storage.Opening;

/// <summary>
/// Tells who holds the lock of a data directory (<see cref="DirectoryLock"/>, or that of Prometheus) without touching it: a trial lock, however short, could
/// turn away a node that starts in the same moment. Reads <c>/proc/locks</c>; elsewhere than on Linux, and for processes of another container, it knows nothing.
/// </summary>
internal static partial class LockHolder
{
    private const string Locks = "/proc/locks";
    private const int CurrentFolder = -100;
    private const uint InodeMask = 0x100;
    private const int StatBytes = 256;
    private const int InodeAt = 32;

    /// <summary>Such as "process 12"; null when nobody holds it or nothing is known.</summary>
    public static string? Of(string directory)
    {
        try
        {
            return OperatingSystem.IsLinux() && TryInode(Path.Combine(directory, "lock"), out var inode)
                ? File.ReadLines(Locks).Select(line => HolderIn(line, inode, directory)).FirstOrDefault(static holder => holder is not null)
                : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A line such as <c>12: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF</c>.</summary>
    private static string? HolderIn(string line, ulong inode, string directory)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 6 || words[1] != "FLOCK" || words[3] != "WRITE" || !words[5].EndsWith($":{inode.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal))
        {
            return null;
        }

        // The device stands in front of the inode, but file systems in layers give another one to those who ask for it: the open file decides.
        return HasOpen(words[4], directory) ? $"process {words[4]}" : null;
    }

    private static bool HasOpen(string process, string directory)
    {
        var path = Path.GetFullPath(Path.Combine(directory, "lock"));
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Any(entry => IsSame(new FileInfo(entry).LinkTarget, path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Another user's process: its files are not to be seen, and the inode is that of the lock.
            return true;
        }
    }

    /// <summary>The directory may have been named through links.</summary>
    private static bool IsSame(string? opened, string path)
    {
        return opened is not null && Path.GetFileName(opened) == "lock" && (opened == path || (TryInode(opened, out var one) && TryInode(path, out var other) && one == other));
    }

    private static bool TryInode(string path, out ulong inode)
    {
        Span<byte> stat = stackalloc byte[StatBytes];
        var isThere = StatX(CurrentFolder, path, 0, InodeMask, stat) == 0;
        inode = isThere ? MemoryMarshal.Read<ulong>(stat[InodeAt..]) : 0;
        return isThere;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, Span<byte> stat);
}
