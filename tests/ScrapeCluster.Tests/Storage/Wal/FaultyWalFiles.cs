using ScrapeCluster.Storage.Wal.Files;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>The real file system with a disk of limited size, or one that fails on command: a failing write leaves what still fitted.</summary>
internal sealed class FaultyWalFiles : IWalFiles
{
    private const int NoSpace = 28;

    /// <summary>Bytes that may still be written.</summary>
    public long RoomBytes { get; set; } = long.MaxValue;

    public bool FailSetLength { get; set; }

    public bool FailCreate { get; set; }

    public bool FailFlush { get; set; }

    public IWalFile Create(string path) => FailCreate
        ? throw new IOException("No space left on device", NoSpace)
        : new FaultyFile(this, DiskWalFiles.Instance.Create(path));

    private sealed class FaultyFile(FaultyWalFiles disk, IWalFile file) : IWalFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            var fits = (int)Math.Min(bytes.Length, disk.RoomBytes);
            file.Write(bytes[..fits], offset);
            disk.RoomBytes -= fits;
            if (fits < bytes.Length)
            {
                throw new IOException("No space left on device", NoSpace);
            }
        }

        public void SetLength(long length)
        {
            if (disk.FailSetLength)
            {
                throw new IOException("Input/output error", 5);
            }

            file.SetLength(length);
        }

        public void FlushToDisk()
        {
            if (disk.FailFlush)
            {
                throw new IOException("Input/output error", 5);
            }

            file.FlushToDisk();
        }

        public void Dispose() => file.Dispose();
    }
}
