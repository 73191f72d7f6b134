using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>A folder that is named like a block and cannot be opened as one, or not be removed. It is left as it is.</summary>
internal sealed record BadBlock(string Folder, string Reason)
{
    /// <summary>Where the opening failed.</summary>
    public Exception? Failure { get; init; }
}

/// <summary>
/// All blocks of a data directory. Readers take <see cref="Blocks"/> at any time; what changes the folder (a compaction, retention) does so one at a time
/// by <see cref="Replace"/>. A bad block is told and passed over; it ends nothing.
/// </summary>
internal sealed partial class BlockFolder : IDisposable
{
    public const string DeletionSuffix = ".tmp-for-deletion";

    private static readonly string[] _temporarySuffixes = [BlockWriter.TemporarySuffix, DeletionSuffix, ".tmp"];

    private readonly string _path;
    private readonly IDataFiles _files;

    /// <summary>Guards the replacing of <see cref="_blocks"/>.</summary>
    private readonly Lock _changes = new();
    private Block[] _blocks = [];

    private BlockFolder(string path, IDataFiles files, IEnumerable<Block> blocks, IReadOnlyList<BadBlock> bad)
    {
        _path = path;
        _files = files;
        _blocks = InOrder(blocks);
        Bad = bad;
        foreach (var broken in bad)
        {
            PassOver(broken.Folder, broken.Failure);
        }
    }

    /// <summary>By time, then by name.</summary>
    public IReadOnlyList<Block> Blocks => Volatile.Read(ref _blocks);

    /// <summary>What the opening, or a later look at the directory, could not take.</summary>
    public IReadOnlyList<BadBlock> Bad { get; private set; }

    public long Bytes => Blocks.Sum(block => block.Bytes);

    /// <summary>Removes what a crash left unfinished, and blocks whose samples are in a merged one beside them; opens the others.</summary>
    public static BlockFolder Open(string path, IDataFiles? files = null)
    {
        files ??= DiskFiles.Instance;
        var bad = new List<BadBlock>();
        RemoveTemporary(path, files, bad);
        var opened = OpenAll(path, files, bad);
        var merged = ParentsOf(opened);
        foreach (var block in opened.Where(block => merged.Contains(block.Id)))
        {
            block.Dispose();
            TryRemove(block.Folder, files, bad);
        }

        foreach (var broken in bad.Where(broken => Ulid.TryParse(Path.GetFileName(broken.Folder), out var id) && merged.Contains(id)).ToList())
        {
            bad.Remove(broken);
            TryRemove(broken.Folder, files, bad);
        }

        return new BlockFolder(path, files, opened.Where(block => !merged.Contains(block.Id)), bad);
    }

    /// <summary>For those who only look: opens what is there and changes nothing.</summary>
    public static BlockFolder OpenReadOnly(string path)
    {
        var bad = new List<BadBlock>();
        return new BlockFolder(path, DiskFiles.Instance, OpenAll(path, DiskFiles.Instance, bad), bad);
    }

    /// <summary>
    /// Readers of all blocks whose range has a moment between the two times, both included: of the blocks before a merge or of that after it, never of
    /// a part. The caller disposes of them.
    /// </summary>
    public IReadOnlyList<BlockReader> Read(long minMs, long maxMs)
    {
        while (true)
        {
            // A block that cannot be read any more was removed since the list was taken: what replaces it is in the list of now.
            if (TryRead(Blocks, minMs, maxMs) is { } readers)
            {
                return readers;
            }
        }
    }

    /// <summary>
    /// In one step for readers, takes blocks out of the list (none: a new one comes of the head) and puts the one that was just written in their place (null:
    /// they were too old); then removes them from the disk. Readers that have them read on. Each gets a temporary name first, so that half a block never
    /// looks like one.
    /// </summary>
    /// <exception cref="IOException">The new block cannot be opened, and nothing has changed; or a removed one is still on the disk, for the next start to see.</exception>
    public void Replace(IReadOnlyList<Block> removed, Ulid? added)
    {
        Change(removed, added is { } id ? [Block.Open(Path.Combine(_path, id.ToString()), _files)] : []);
        var failed = new List<BadBlock>();
        foreach (var gone in removed)
        {
            gone.Dispose();
            if (!TryRemove(gone.Folder, _files, failed))
            {
                PassOver(gone.Folder);
            }
        }

        if (failed.Count > 0)
        {
            throw new IOException(string.Join("; ", failed.Select(one => $"{one.Folder}: {one.Reason}")));
        }
    }

    public void Dispose()
    {
        // An empty list first: a reader that comes late finds nothing, instead of blocks that cannot be read.
        foreach (var block in Interlocked.Exchange(ref _blocks, []))
        {
            block.Dispose();
        }
    }

    private void Change(IReadOnlyList<Block> removed, IReadOnlyList<Block> added)
    {
        lock (_changes)
        {
            Volatile.Write(ref _blocks, InOrder(_blocks.Where(block => !removed.Contains(block)).Concat(added)));
        }
    }

    private static List<BlockReader>? TryRead(IReadOnlyList<Block> blocks, long minMs, long maxMs)
    {
        var readers = new List<BlockReader>();
        foreach (var block in blocks.Where(block => block.Touches(minMs, maxMs)))
        {
            if (block.TryRead() is not { } reader)
            {
                readers.ForEach(static taken => taken.Dispose());
                return null;
            }

            readers.Add(reader);
        }

        return readers;
    }

    private static void RemoveTemporary(string path, IDataFiles files, List<BadBlock> bad)
    {
        foreach (var folder in Folders(path).Where(IsTemporary))
        {
            try
            {
                files.DeleteFolder(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                bad.Add(new BadBlock(folder, $"a temporary folder that cannot be removed: {e.Message}"));
            }
        }
    }

    private static bool IsTemporary(string folder)
    {
        var name = Path.GetFileName(folder);
        return Array.Exists(_temporarySuffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal) && Ulid.TryParse(name[..^suffix.Length], out _));
    }

    private static List<Block> OpenAll(string path, IDataFiles files, List<BadBlock> bad)
    {
        var opened = new List<Block>();
        foreach (var folder in BlocksIn(path))
        {
            try
            {
                opened.Add(Block.Open(folder, files));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                bad.Add(new BadBlock(folder, e.Message) { Failure = e });
            }
        }

        return opened;
    }

    /// <summary>Folders that are named as blocks are.</summary>
    private static IEnumerable<string> BlocksIn(string path) => Folders(path).Where(folder => Ulid.TryParse(Path.GetFileName(folder), out _));

    private static HashSet<Ulid> ParentsOf(IEnumerable<Block> blocks)
    {
        return [.. blocks.SelectMany(block => block.Meta.Compaction.Parents).Select(parent => parent.Id)];
    }

    private static IEnumerable<string> Folders(string path)
    {
        return Reading.ListIfThere(path, Directory.EnumerateDirectories).Select(folder => Path.Combine(path, Path.GetFileName(folder))).Order(StringComparer.Ordinal);
    }

    private static Block[] InOrder(IEnumerable<Block> blocks) => [.. blocks.OrderBy(block => block.MinMs).ThenBy(block => block.Id)];

    private static bool TryRemove(string folder, IDataFiles files, List<BadBlock> failed)
    {
        try
        {
            RemoveFolder(folder, files);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failed.Add(new BadBlock(folder, $"it cannot be removed: {e.Message}"));
            return false;
        }
    }

    private static void RemoveFolder(string folder, IDataFiles files)
    {
        if (!Directory.Exists(folder))
        {
            // Somebody was faster.
            return;
        }

        var temporary = folder + DeletionSuffix;
        files.Move(folder, temporary);
        files.FlushFolder(Path.GetDirectoryName(folder)!);
        files.DeleteFolder(temporary);
    }
}
