using ScrapeCluster.Storage.Files;
using ScrapeCluster.Tests.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Faults;

/// <summary>The real file system, of which some calls fail while it is told so: a write fails in its middle.</summary>
internal sealed class FaultyDisk : ForwardingFiles
{
    public enum Call
    {
        Create,
        Read,
        Write,
        Flush,
        Move,
        Delete,
    }

    private volatile Func<Call, string, Exception?>? _fault;
    private int _failed;

    /// <summary>Null = all is well. Asked by any thread.</summary>
    public Func<Call, string, Exception?>? Fault
    {
        get => _fault;
        set => _fault = value;
    }

    public int Failed => Volatile.Read(ref _failed);

    public static IOException NoSpace(string path) => new($"No space left on device : '{path}'", 28);

    public static IOException Broken(string path) => new($"Input/output error : '{path}'", 5);

    public static IOException ReadOnly(string path) => new($"Read-only file system : '{path}'", 30);

    public override IDataFile Create(string path)
    {
        Ask(Call.Create, path);
        return new File(this, path, base.Create(path));
    }

    public override IReadableFile OpenToRead(string path) => new ReadFile(this, base.OpenToRead(path));

    public override IDataFile Open(string path) => new File(this, path, base.Open(path));

    public override void CreateFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            Ask(Call.Create, path);
        }

        base.CreateFolder(path);
    }

    public override void Move(string from, string to)
    {
        Ask(Call.Move, from);
        base.Move(from, to);
    }

    public override void Delete(string path)
    {
        if (System.IO.File.Exists(path))
        {
            Ask(Call.Delete, path);
        }

        base.Delete(path);
    }

    public override void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Ask(Call.Delete, path);
        }

        base.DeleteFolder(path);
    }

    public override void FlushFolder(string path)
    {
        Ask(Call.Flush, path);
        base.FlushFolder(path);
    }

    private void Ask(Call call, string path)
    {
        if (_fault?.Invoke(call, path) is { } failure)
        {
            Interlocked.Increment(ref _failed);
            throw failure;
        }
    }

    private sealed class ReadFile(FaultyDisk disk, IReadableFile file) : IReadableFile
    {
        public string Path => file.Path;

        public long Length => file.Length;

        public int Read(Span<byte> bytes, long offset)
        {
            disk.Ask(Call.Read, file.Path);
            return file.Read(bytes, offset);
        }

        public void Dispose() => file.Dispose();
    }

    private sealed class File(FaultyDisk disk, string path, IDataFile file) : IDataFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            try
            {
                disk.Ask(Call.Write, path);
            }
            catch
            {
                file.Write(bytes[..(bytes.Length / 2)], offset);
                throw;
            }

            file.Write(bytes, offset);
        }

        public void SetLength(long length) => file.SetLength(length);

        public void FlushToDisk()
        {
            disk.Ask(Call.Flush, path);
            file.FlushToDisk();
        }

        public void Dispose() => file.Dispose();
    }
}
