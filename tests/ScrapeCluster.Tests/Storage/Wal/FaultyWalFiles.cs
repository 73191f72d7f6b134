using System.Collections.Concurrent;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Tests.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>The real file system with a disk of limited size, or one that fails on command: a failing write leaves what still fitted.</summary>
internal sealed class FaultyWalFiles : ForwardingFiles
{
    private const int NoSpace = 28;

    /// <summary>Bytes that may still be written.</summary>
    public long RoomBytes { get; set; } = long.MaxValue;

    public bool FailSetLength { get; set; }

    public bool FailCreate { get; set; }

    public bool FailFlush { get; set; }

    /// <summary>Flushes of files that succeeded.</summary>
    public int Flushes { get; private set; }

    /// <summary>A flush waits until this is set.</summary>
    public ManualResetEventSlim FlushGate { get; } = new(initialState: true);

    /// <summary>Set when a flush has begun.</summary>
    public ManualResetEventSlim FlushBegan { get; } = new();

    /// <summary>Which thread made which file.</summary>
    public ConcurrentDictionary<string, string?> CreatedBy { get; } = new();

    public override IDataFile Create(string path)
    {
        CreatedBy[Path.GetFileName(path)] = Thread.CurrentThread.Name;
        return FailCreate
            ? throw new IOException("No space left on device", NoSpace)
            : new FaultyFile(this, DiskFiles.Instance.Create(path));
    }

    private sealed class FaultyFile(FaultyWalFiles disk, IDataFile file) : IDataFile
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
            disk.FlushBegan.Set();
            disk.FlushGate.Wait(TestContext.Current.CancellationToken);
            if (disk.FailFlush)
            {
                throw new IOException("Input/output error", 5);
            }

            file.FlushToDisk();
            disk.Flushes++;
        }

        public void Dispose() => file.Dispose();
    }
}
