using ScrapeCluster.Storage.Blocks;

namespace ScrapeCluster.Storage.Offline;

/// <summary>A place where the bytes are not what the format wants.</summary>
/// <param name="IsUnread">The file could not be read at all: nothing is known of it.</param>
public sealed record DirectoryFault(string File, long Offset, string Reason, bool IsUnread = false)
{
    public override string ToString() => $"{File} at offset {Offset}: {Reason}";
}

/// <summary>What a check has looked at.</summary>
public sealed record CheckedCounts(int Segments, long Records, int ChunkFiles, long Chunks, int Blocks, long Bytes);

/// <summary>
/// Reads all of a data directory: every checksum of the log with its checkpoints, of the chunk files and of the blocks, and whether what is told twice agrees.
/// Goes on behind each fault. Beside a running process, what it is just writing is no fault, nor is what it removes meanwhile.
/// </summary>
public static class DirectoryCheck
{
    /// <param name="tell">Told of each fault as it is found.</param>
    public static CheckedCounts Run(DataDirectory directory, Action<DirectoryFault> tell, CancellationToken cancellation)
    {
        var isHeld = directory.Holder is not null;
        var log = new LogCheck(directory.WalPath, isHeld, tell);
        log.Run(cancellation);
        var chunkFiles = new ChunkFilesCheck(directory.ChunksPath, isHeld, tell);
        chunkFiles.Run(cancellation);
        var (blocks, bytes) = (0, 0L);
        foreach (var folder in directory.BlockFolders())
        {
            var damages = BlockCheck.Run(folder, cancellation);
            if (Directory.Exists(folder))
            {
                blocks++;
                bytes += DataDirectory.BytesOf(folder);
                foreach (var damage in damages)
                {
                    tell(new DirectoryFault(damage.Path, damage.Offset, damage.Reason));
                }
            }
        }

        return new CheckedCounts(log.Segments, log.Records, chunkFiles.Files, chunkFiles.Chunks, blocks, log.Bytes + chunkFiles.Bytes + bytes);
    }
}
