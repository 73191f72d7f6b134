using System.Runtime.InteropServices;

namespace ScrapeCluster.Storage.Files;

/// <summary>A second name for a file, which takes no room; the base library makes none.</summary>
internal static partial class HardLink
{
    /// <summary>Links, or copies where the file system has no links.</summary>
    /// <exception cref="FileNotFoundException">There is no such file, or not any more.</exception>
    public static void Make(string existing, string name)
    {
        if (OperatingSystem.IsWindows() || Link(existing, name) != 0)
        {
            File.Copy(existing, name);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
