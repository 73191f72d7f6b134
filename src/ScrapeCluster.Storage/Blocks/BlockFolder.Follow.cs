using System.IO.Enumeration;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>What others did to the directory since the last look.</summary>
/// <param name="Added">Blocks that were put there.</param>
/// <param name="Vanished">Blocks whose folders are gone. Readers that have them read on.</param>
/// <param name="Bad">Folders that cannot be opened; each is told once, until something in it changes.</param>
internal sealed record FolderChanges(IReadOnlyList<Block> Added, IReadOnlyList<Block> Vanished, IReadOnlyList<BadBlock> Bad);

/// <summary>
/// Following what others do to the directory while it is open, as Prometheus does at every reload: blocks that are filled in from elsewhere, restored, or deleted
/// by hand.
/// </summary>
internal sealed partial class BlockFolder
{
    /// <summary>Folders that are no open blocks, as they were at the last look.</summary>
    private readonly Dictionary<string, NotOpen> _notOpen = new(StringComparer.Ordinal);

    /// <summary>
    /// Looks at the directory again; called by the one who changes the folder. A new folder is opened when it looks the same at two calls: before, it may be
    /// half copied.
    /// </summary>
    /// <exception cref="IOException">The directory itself cannot be read; nothing has changed.</exception>
    public FolderChanges Follow()
    {
        if (!Directory.Exists(_path))
        {
            throw new DirectoryNotFoundException($"the data directory {_path} is gone");
        }

        var present = BlocksIn(_path).ToHashSet(StringComparer.Ordinal);
        var vanished = Blocks.Where(block => !present.Contains(block.Folder)).ToList();
        foreach (var folder in _notOpen.Keys.Where(folder => !present.Contains(folder)).ToList())
        {
            _notOpen.Remove(folder);
        }

        var bad = new List<BadBlock>();
        present.ExceptWith(Blocks.Select(block => block.Folder));
        var added = OpenSettled(present, bad);
        Change(vanished, added);
        vanished.ForEach(static block => block.Dispose());
        var told = added.Select(block => block.Folder).Concat(bad.Select(broken => broken.Folder)).ToHashSet(StringComparer.Ordinal);
        Bad = [.. Bad.Where(broken => !told.Contains(broken.Folder) && Directory.Exists(broken.Folder)), .. bad];
        return new FolderChanges(added, vanished, bad);
    }

    private List<Block> OpenSettled(IEnumerable<string> folders, List<BadBlock> bad)
    {
        var opened = new List<Block>();
        foreach (var folder in folders.Order(StringComparer.Ordinal).Where(HasSettled))
        {
            try
            {
                opened.Add(Block.Open(folder, _files));
                _notOpen.Remove(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The same fault of the disk is told once, although the folder is tried at every look.
                if (_notOpen[folder].Unread != e.Message)
                {
                    bad.Add(new BadBlock(folder, e.Message));
                }

                PassOver(folder, e);
            }
        }

        return opened;
    }

    /// <summary>True when the folder is as it was at the last look, and was not passed over then for what it is.</summary>
    private bool HasSettled(string folder)
    {
        var state = FolderState.Of(folder);
        if (_notOpen.TryGetValue(folder, out var before) && before.State == state)
        {
            return !before.IsPassedOver || before.Unread is not null;
        }

        _notOpen[folder] = new NotOpen(state, IsPassedOver: false, Unread: null);
        return false;
    }

    /// <summary>The folder is not to be opened unless it changes; or at the next look, when it was the disk that failed.</summary>
    private void PassOver(string folder, Exception? reason = null)
    {
        _notOpen[folder] = new NotOpen(FolderState.Of(folder), IsPassedOver: true, reason is ReadFaultException ? reason.Message : null);
    }

    /// <param name="Unread">What the disk said; null where it gave the bytes.</param>
    private readonly record struct NotOpen(FolderState State, bool IsPassedOver, string? Unread);

    /// <summary>Tells whether somebody wrote into a folder, without reading it.</summary>
    private readonly record struct FolderState(int Entries, long Bytes, DateTimeOffset NewestWrite)
    {
        private static readonly EnumerationOptions AllBelow = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

        public static FolderState Of(string folder)
        {
            var state = default(FolderState);
            try
            {
                var entries = new FileSystemEnumerable<(long Bytes, DateTimeOffset Written)>(
                    folder, static (ref FileSystemEntry entry) => (entry.IsDirectory ? 0 : entry.Length, entry.LastWriteTimeUtc), AllBelow);
                foreach (var (bytes, written) in entries)
                {
                    state = new FolderState(state.Entries + 1, state.Bytes + bytes, written > state.NewestWrite ? written : state.NewestWrite);
                }
            }
            catch (IOException)
            {
                // It went while it was looked at, or cannot be read: the opening will say so.
            }

            return state;
        }
    }
}
