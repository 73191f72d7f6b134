using Microsoft.Win32.SafeHandles;

namespace ScrapeCluster.Storage.Wal.Files;

/// <summary>The real file system: positional writes on one handle a segment.</summary>
internal sealed class DiskWalFiles : IWalFiles
{
    public static readonly DiskWalFiles Instance = new();

    private DiskWalFiles()
    {
    }

    public IWalFile Create(string path)
    {
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            FolderSync.Flush(Path.GetDirectoryName(path)!);
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        return new DiskWalFile(handle);
    }

    private sealed class DiskWalFile(SafeFileHandle handle) : IWalFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        public void FlushToDisk() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();
    }
}
