using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>
/// An open block. It is held by whoever opened it and by each of its readers: the last to let go closes the files, so that a reader is not disturbed when
/// the block is deleted meanwhile. Safe for any number of threads; a <see cref="BlockReader"/> is for one.
/// </summary>
internal sealed class Block : IDisposable
{
    private readonly IndexReader _index;
    private readonly ChunkSegmentReader _chunks;
    private readonly TombstonesFile _tombstones;
    private BlockMeta _meta;
    private int _holders = 1;
    private int _isLetGo;
    private long _unsupportedChunks;

    private Block(string folder, BlockMeta meta, BlockTimes times, IndexReader index, ChunkSegmentReader chunks, TombstonesFile tombstones, long otherBytes)
    {
        Folder = folder;
        _meta = meta with { MinMs = times.MinMs, EndMs = times.EndMs };
        DataEndMs = times.DataEndMs;
        TimesFault = times.Fault;
        _index = index;
        _chunks = chunks;
        _tombstones = tombstones;
        Bytes = index.File.Length + chunks.Bytes + otherBytes;
    }

    public string Folder { get; }

    /// <summary>What meta.json says, but for times that are wrong (<see cref="TimesFault"/>).</summary>
    public BlockMeta Meta => Volatile.Read(ref _meta);

    public Ulid Id => Meta.Id;

    /// <summary>First millisecond of the block's range, included.</summary>
    public long MinMs => Meta.MinMs;

    /// <summary>The end of the block's range, not included.</summary>
    public long EndMs => Meta.EndMs;

    /// <summary>No sample of the block stands here or later; not behind <see cref="EndMs"/>.</summary>
    public long DataEndMs { get; }

    /// <summary>Null, or in which way the times of meta.json are wrong.</summary>
    public string? TimesFault { get; }

    /// <summary>On the disk, all files together.</summary>
    public long Bytes { get; }

    public bool HasTombstones => !_tombstones.IsEmpty;

    /// <summary>Chunks that readers passed over since the block was opened, because they hold no floats.</summary>
    public long UnsupportedChunks => Volatile.Read(ref _unsupportedChunks);

    /// <summary>Checks the contents of the index; chunks and series are checked as they are read.</summary>
    /// <exception cref="IOException">A file is missing, damaged (<see cref="BlockDamageException"/>) or cannot be read.</exception>
    public static Block Open(string folder, IDataFiles? files = null)
    {
        var metaPath = Path.Combine(folder, BlockMetaFile.FileName);
        var tombstonesPath = Path.Combine(folder, TombstonesFile.FileName);
        var meta = BlockMetaFile.Read(metaPath, files);
        var tombstones = TombstonesFile.Read(tombstonesPath, files);
        var chunks = ChunkSegmentReader.Open(Path.Combine(folder, ChunkSegment.FolderName), files);
        try
        {
            if (chunks.Files.Count == 0 && meta.Stats.Chunks > 0)
            {
                throw new FileNotFoundException($"{folder}: the block has {meta.Stats.Chunks} chunks and no file of them");
            }

            var otherBytes = LengthOf(metaPath) + LengthOf(tombstonesPath);
            var index = IndexReader.Open(Path.Combine(folder, IndexReader.FileName), files);
            return new Block(folder, meta, BlockTimes.Of(meta, index), index, chunks, tombstones, otherBytes);
        }
        catch
        {
            chunks.Dispose();
            throw;
        }
    }

    /// <summary>True when the block's range has a moment between the two, both included.</summary>
    public bool Touches(long minMs, long maxMs) => MinMs <= maxMs && minMs < EndMs;

    /// <summary>A reader that holds the block until it is disposed of; null when everybody has let go of the block already.</summary>
    public BlockReader? TryRead(int chunkWindowBytes = ChunkCursor.QueryWindowBytes)
    {
        for (var holders = Volatile.Read(ref _holders); holders > 0; holders = Volatile.Read(ref _holders))
        {
            if (Interlocked.CompareExchange(ref _holders, holders + 1, holders) == holders)
            {
                return new BlockReader(this, _index, _chunks, _tombstones, chunkWindowBytes);
            }
        }

        return null;
    }

    /// <summary>Writes another description of the block, such as that a compaction of it failed. By the one who changes the folder.</summary>
    public void Describe(IDataFiles files, BlockMeta meta)
    {
        BlockMetaFile.Rewrite(files, Path.Combine(Folder, BlockMetaFile.FileName), meta);
        Volatile.Write(ref _meta, meta);
    }

    /// <summary>By its opener: lets go of the block. Readers go on.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isLetGo, 1) == 0)
        {
            Release(0);
        }
    }

    /// <summary>By a reader that ends.</summary>
    internal void Release(long unsupportedChunks)
    {
        Interlocked.Add(ref _unsupportedChunks, unsupportedChunks);
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _index.Dispose();
            _chunks.Dispose();
        }
    }

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    public override string ToString() => $"block {Id}";
}
