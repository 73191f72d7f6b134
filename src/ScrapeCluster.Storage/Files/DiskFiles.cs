using Microsoft.Win32.SafeHandles;

namespace ScrapeCluster.Storage.Files;

/// <summary>The real file system: positional writes on one handle a file.</summary>
internal sealed class DiskFiles : IDataFiles
{
    public static readonly DiskFiles Instance = new();

    private DiskFiles()
    {
    }

    public IDataFile Create(string path)
    {
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            FolderSync.Flush(Path.GetDirectoryName(path)!);
        }
        catch
        {
            // Else the next try would find a file that must not be there.
            handle.Dispose();
            File.Delete(path);
            throw;
        }

        return new DiskFile(handle);
    }

    public IReadableFile OpenToRead(string path) =>
        new ReadableFile(path, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

    public IDataFile Open(string path) =>
        new DiskFile(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    public void CreateFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        var above = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))!;
        CreateFolder(above);
        Directory.CreateDirectory(path);
        FolderSync.Flush(above);
    }

    public void Move(string from, string to)
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to, overwrite: true);
        }
    }

    public void Delete(string path) => File.Delete(path);

    public void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    public void FlushFolder(string path) => FolderSync.Flush(path);

    private sealed class ReadableFile(string path, SafeFileHandle handle) : IReadableFile
    {
        public string Path => path;

        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> bytes, long offset) => RandomAccess.Read(handle, bytes, offset);

        public void Dispose() => handle.Dispose();
    }

    private sealed class DiskFile(SafeFileHandle handle) : IDataFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        public void FlushToDisk() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();
    }
}
