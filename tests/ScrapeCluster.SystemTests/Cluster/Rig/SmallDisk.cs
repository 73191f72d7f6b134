using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>A file system of its own in memory, which can be filled to the last byte.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    public static async Task<SmallDisk> MountAsync(string path, string size)
    {
        Directory.CreateDirectory(path);
        var (exitCode, _, errors) = await Tools.RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path);
        return exitCode == 0 ? new SmallDisk(path) : throw new InvalidOperationException($"a tmpfs cannot be mounted at {path}: {errors}");
    }

    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        for (var size = 1 << 20; size >= 1; size /= 2)
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Full for this size: try a smaller one.
            }
        }
    }

    public void MakeRoom() => File.Delete(Ballast);

    public async ValueTask DisposeAsync() => await Tools.RunAsync("umount", "-l", Path);
}
