using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>The real file system, on which no block can be written while it is full.</summary>
internal sealed class NoRoomForBlocks : IDataFiles
{
    private const int NoSpace = 28;

    public bool IsFull { get; set; }

    public IDataFile Create(string path)
    {
        return IsFull && path.Contains(BlockWriter.TemporarySuffix, StringComparison.Ordinal)
            ? throw new IOException("No space left on device", NoSpace)
            : DiskFiles.Instance.Create(path);
    }

    public IReadableFile OpenToRead(string path) => DiskFiles.Instance.OpenToRead(path);

    public IDataFile Open(string path) => DiskFiles.Instance.Open(path);

    public void CreateFolder(string path) => DiskFiles.Instance.CreateFolder(path);

    public void Move(string from, string to) => DiskFiles.Instance.Move(from, to);

    public void Delete(string path) => DiskFiles.Instance.Delete(path);

    public void DeleteFolder(string path) => DiskFiles.Instance.DeleteFolder(path);

    public void FlushFolder(string path) => DiskFiles.Instance.FlushFolder(path);
}
