using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Opening;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Storage.Offline;

/// <summary>
/// Head and blocks of a data directory as the node would have them after a start, for queries. Memory: what the head of a node takes. Beside a running node it
/// is the state of some moment between the beginning and the end of <see cref="Open"/>: what is in no block yet may lack the newest samples.
/// </summary>
public sealed class OfflineStorage : IDisposable
{
    private const int Tries = 20;

    private readonly BlockFolder _blocks;
    private readonly List<string> _warnings = [];

    private OfflineStorage(BlockFolder blocks)
    {
        _blocks = blocks;
        Query = new StorageQuery(Head, _blocks.Read);
    }

    public StorageQuery Query { get; }

    /// <summary>What could not be read and is missing in the answers.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    internal HeadBlock Head { get; } = new();

    internal IReadOnlyList<Block> Blocks => _blocks.Blocks;

    /// <exception cref="IOException">A file cannot be read.</exception>
    public static OfflineStorage Open(DataDirectory directory, CancellationToken cancellation)
    {
        for (var left = Tries - 1; ; left--)
        {
            var known = directory.BlockFolders();
            var storage = DataDirectory.LookAgain(() => Read(directory, cancellation));

            // A block that came meanwhile took samples out of the log that are seen in neither; one that went may be in a new one.
            if (directory.BlockFolders().SequenceEqual(known))
            {
                return storage;
            }

            if (left == 0)
            {
                storage._warnings.Add($"the blocks of {directory.Path} changed each time while they were read: samples may be missing");
                return storage;
            }

            storage.Dispose();
        }
    }

    public void Dispose()
    {
        _blocks.Dispose();
        Head.Files?.Dispose();
    }

    private static OfflineStorage Read(DataDirectory directory, CancellationToken cancellation)
    {
        var storage = new OfflineStorage(directory.OpenBlocks());
        try
        {
            storage.Fill(directory, cancellation);
            return storage;
        }
        catch
        {
            storage.Dispose();
            throw;
        }
    }

    private void Fill(DataDirectory directory, CancellationToken cancellation)
    {
        _warnings.AddRange(_blocks.Bad.Select(static bad => $"{bad.Folder} cannot be opened as a block, its samples are missing: {bad.Reason}"));
        var writtenBeforeMs = Blocks.Select(static block => block.DataEndMs).DefaultIfEmpty(long.MinValue).Max();
        var mapped = new MappedChunks(writtenBeforeMs);
        var files = ChunkFiles.Open(directory.ChunksPath, mapped.Add, out var chunkDamage, disk: new PlannedFiles());
        try
        {
            if (chunkDamage is not null)
            {
                _warnings.Add($"{chunkDamage}: what is behind is taken from the log");
            }

            var report = new WalReplay(Head, mapped, new ReplayProgress(), new PassedEntries(), writtenBeforeMs).Run(directory.WalPath, stopAtDamage: false, cancellation);
            var isHeld = directory.Holder is not null;
            _warnings.AddRange(report.Damages.Where(damage => !isHeld || !LogEnd.IsOf(directory.WalPath, damage)).Select(static damage => damage.ToString()));
        }
        finally
        {
            // Not before: a replay writes into the files that it sees.
            Head.Files = files;
        }
    }
}
