using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// A finished file of a block, open for reading by positions: any number of threads at once, and a bad disk is an <see cref="IOException"/>
/// of one read. Stays readable after it is deleted, until it is disposed of.
/// </summary>
internal sealed class BlockFile : IDisposable
{
    private readonly IReadableFile _file;

    private BlockFile(IReadableFile file)
    {
        _file = file;
        Length = file.Length;
    }

    public string Path => _file.Path;

    public long Length { get; }

    public static BlockFile Open(string path, IDataFiles? files = null) => new((files ?? DiskFiles.Instance).OpenToRead(path));

    /// <summary>Fills the bytes or throws.</summary>
    public void Read(Span<byte> bytes, long offset)
    {
        var read = ReadUpTo(bytes, offset);
        if (read < bytes.Length)
        {
            throw Damage(offset, $"{bytes.Length} bytes are wanted, the file ends after {read} of them");
        }
    }

    /// <summary>Fewer bytes than asked for only at the end of the file.</summary>
    public int ReadUpTo(Span<byte> bytes, long offset)
    {
        if (offset < 0 || offset > Length)
        {
            throw Damage(offset, $"this is outside of the file of {Length} bytes");
        }

        return _file.ReadUpTo(bytes, offset);
    }

    public BlockDamageException Damage(long offset, string reason) => new(Path, offset, reason);

    public void Dispose() => _file.Dispose();
}
