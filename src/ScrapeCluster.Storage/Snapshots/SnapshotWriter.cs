using System.Globalization;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Storage.Snapshots;

/// <summary>
/// Writes what is stored into a folder that is a data directory of its own: the blocks as hard links, which take no room, and a block of the head. The head
/// goes on meanwhile; of samples that come during the writing some may be in. It grows under a temporary name.
/// </summary>
internal sealed class SnapshotWriter(string dataFolder, HeadBlock head, StorageQuery query, BlockFolder blocks, IDataFiles files, TimeProvider time)
{
    public const string FolderName = "snapshots";

    private const string TemporarySuffix = ".tmp";

    /// <summary>A block that is merged or deleted while it is linked makes the picture be taken again.</summary>
    private const int Attempts = 3;

    /// <summary>Removes what a process that was killed left of a snapshot: its links would keep deleted blocks on the disk.</summary>
    public static void CleanUp(string dataFolder, IDataFiles files)
    {
        var above = Path.Combine(dataFolder, FolderName);
        foreach (var unfinished in Directory.Exists(above) ? Directory.GetDirectories(above, "*" + TemporarySuffix) : [])
        {
            files.DeleteFolder(unfinished);
        }
    }

    /// <summary>Its name below <see cref="FolderName"/>, as Prometheus makes it: the time, then random digits.</summary>
    /// <exception cref="IOException">The disk is full or bad, or a block is damaged; nothing is left.</exception>
    public string Write(bool withHead, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var name = string.Create(CultureInfo.InvariantCulture, $"{now:yyyyMMdd'T'HHmmss'Z'}-{Random.Shared.NextInt64():x16}");
        var folder = Path.Combine(dataFolder, FolderName, name);
        var temporary = folder + TemporarySuffix;
        try
        {
            WriteInto(temporary, withHead, now, cancellation);
            files.Move(temporary, folder);
            files.FlushFolder(Path.Combine(dataFolder, FolderName));
            return name;
        }
        catch
        {
            files.DeleteFolder(temporary);
            throw;
        }
    }

    private void WriteInto(string folder, bool withHead, DateTimeOffset now, CancellationToken cancellation)
    {
        // What the head gives up while it is read would be in a block that is not linked here.
        using var reading = query.Pending.Begin(long.MinValue);
        for (var attempt = 1; ; attempt++)
        {
            files.CreateFolder(folder);
            try
            {
                LinkBlocks(folder, cancellation);
                break;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && attempt < Attempts)
            {
                files.DeleteFolder(folder);
            }
        }

        if (withHead && head.MinTimeMs <= head.MaxTimeMs)
        {
            var range = new TimeRange(head.MinTimeMs, head.MaxTimeMs + 1);
            var header = BlockHeader.OfHead(Ulid.New(now.ToUnixTimeMilliseconds(), Random.Shared), range.MinMs, range.EndMs);
            new BlockWriter(files).Write(folder, header, new HeadInput(head, range, cancellation), cancellation);
        }

        // Empty: promtool reads no directory without one.
        files.CreateFolder(new StorageOptions(folder).WalPath);
        files.FlushFolder(folder);
    }

    private void LinkBlocks(string folder, CancellationToken cancellation)
    {
        foreach (var block in blocks.Blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            Link(block.Folder, Path.Combine(folder, block.Id.ToString()));
            if (!Directory.Exists(block.Folder))
            {
                // A folder loses its name before its files go: while the name is there, none was missing from the lists that were linked by.
                throw new DirectoryNotFoundException($"{block.Folder} went while it was linked");
            }
        }
    }

    private void Link(string source, string target)
    {
        files.CreateFolder(target);
        foreach (var file in Directory.GetFiles(source))
        {
            HardLink.Make(file, Path.Combine(target, Path.GetFileName(file)));
        }

        foreach (var inner in Directory.GetDirectories(source))
        {
            Link(inner, Path.Combine(target, Path.GetFileName(inner)));
        }

        files.FlushFolder(target);
    }
}
