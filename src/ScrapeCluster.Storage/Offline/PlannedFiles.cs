using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Offline;

internal enum PlannedKind
{
    /// <summary>A file or a folder.</summary>
    Delete,

    Move,

    /// <summary>A file loses what is behind <see cref="PlannedChange.Length"/>.</summary>
    Cut,
}

/// <param name="Target">The new name; for moves only.</param>
/// <param name="Length">What stays of a file that is cut.</param>
internal sealed record PlannedChange(PlannedKind Kind, string Path, string Target = "", long Length = 0);

/// <summary>
/// Changes nothing and notes what would change: those who mend a directory at a start run with it as they run there, and so tell what they would do. What is
/// written goes nowhere.
/// </summary>
internal sealed class PlannedFiles : IDataFiles
{
    private readonly List<PlannedChange> _changes = [];

    /// <summary>What was noted since the last call, in order.</summary>
    public IReadOnlyList<PlannedChange> Take()
    {
        PlannedChange[] taken = [.. _changes];
        _changes.Clear();
        return taken;
    }

    public IDataFile Create(string path) => new PlannedFile(this, path, isNew: true);

    public IReadableFile OpenToRead(string path) => DiskFiles.Instance.OpenToRead(path);

    public IDataFile Open(string path) => new PlannedFile(this, path, isNew: false);

    public void CreateFolder(string path)
    {
    }

    public void Move(string from, string to) => _changes.Add(new PlannedChange(PlannedKind.Move, from, to));

    public void Delete(string path)
    {
        if (File.Exists(path))
        {
            _changes.Add(new PlannedChange(PlannedKind.Delete, path));
        }
    }

    public void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            _changes.Add(new PlannedChange(PlannedKind.Delete, path));
        }
    }

    public void FlushFolder(string path)
    {
    }

    private sealed class PlannedFile(PlannedFiles files, string path, bool isNew) : IDataFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
        }

        public void SetLength(long length)
        {
            if (!isNew)
            {
                files._changes.Add(new PlannedChange(PlannedKind.Cut, path, Length: length));
            }
        }

        public void FlushToDisk()
        {
        }

        public void Dispose()
        {
        }
    }
}
