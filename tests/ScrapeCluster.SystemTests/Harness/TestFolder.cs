namespace ScrapeCluster.SystemTests.Harness;

/// <summary>A folder of a test's own under the system's temporary folder, removed with it.</summary>
/// <param name="inMemory">On a file system in memory, where there is one: for what fsyncs all the time and is about processes, not about disks.</param>
internal sealed class TestFolder(bool inMemory = false) : IDisposable
{
    private const string Memory = "/dev/shm";
    private const string Prefix = "scrapecluster-test-";

    public string Path { get; } = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory(System.IO.Path.Combine(Memory, Prefix + Guid.NewGuid().ToString("N"))).FullName
        : Directory.CreateTempSubdirectory(Prefix).FullName;

    public string File(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    public string Sub(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Copies a folder tree as it is at this moment, without the lock of a process that has it open, who lets nobody read that file.</summary>
    public string CopyOf(string source, string name)
    {
        var target = Sub(name);
        Directory.CreateDirectory(target);
        foreach (var folder in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(target + folder[source.Length..]);
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Where(file => file != System.IO.Path.Combine(source, "lock")))
        {
            System.IO.File.Copy(file, target + file[source.Length..]);
        }

        return target;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A process that was just killed may still hold a file; the system's temporary folder is cleaned by its owner.
        }
    }
}
