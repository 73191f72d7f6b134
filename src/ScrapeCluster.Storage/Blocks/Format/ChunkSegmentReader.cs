using System.Globalization;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>The open chunk files of a block, shared by all threads. Reading goes through a <see cref="ChunkCursor"/> of one's own.</summary>
internal sealed class ChunkSegmentReader : IDisposable
{
    private readonly string _folder;
    private readonly BlockFile[] _files;

    private ChunkSegmentReader(string folder, BlockFile[] files)
    {
        _folder = folder;
        _files = files;
    }

    public long Bytes => _files.Sum(file => file.Length);

    public IReadOnlyList<BlockFile> Files => _files;

    /// <summary>Opens all files whose name is a number, in the order of their names, and checks their headers.</summary>
    public static ChunkSegmentReader Open(string folder, IDataFiles? files = null)
    {
        var opened = new List<BlockFile>();
        try
        {
            foreach (var path in Paths(folder))
            {
                var file = BlockFile.Open(path, files);
                opened.Add(file);
                ChunkSegment.CheckHeader(file);
            }

            return new ChunkSegmentReader(folder, [.. opened]);
        }
        catch
        {
            opened.ForEach(static file => file.Dispose());
            throw;
        }
    }

    /// <summary>The files whose name is a number, in the order of their names.</summary>
    public static IEnumerable<string> Paths(string folder)
    {
        return Directory.EnumerateFiles(folder)
            .Where(static path => uint.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Order(StringComparer.Ordinal);
    }

    public BlockFile FileOf(BlockChunkRef chunk)
    {
        return chunk.File < _files.Length
            ? _files[chunk.File]
            : throw new BlockDamageException(_folder, chunk.Offset, $"a chunk is sought in {ChunkSegment.NameOf(chunk.File)}, there are {_files.Length} files");
    }

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }
}
