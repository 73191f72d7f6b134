using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Files;

/// <summary>What of the unflushed a power cut spares.</summary>
internal enum Spared
{
    /// <summary>All of it, which is what the end of a process does: the kernel still has every write.</summary>
    All,

    /// <summary>Only what was flushed.</summary>
    Nothing,

    /// <summary>Any part of it in any order: single blocks of writes, lengths, names.</summary>
    Some,
}

/// <summary>
/// The real files below a root, and a book of what was flushed and what was not. <see cref="Cut"/> writes a directory as it may look after the power went:
/// contents hold what their last flush covered and any blocks of later writes; folders hold the names of their last flush and any later changes of them.
/// What existed before counts as flushed. For any number of threads.
/// </summary>
internal sealed class PowerCutFiles : ForwardingFiles
{
    private const int BlockBytes = 512;

    private readonly Lock _guard = new();
    private readonly string _root;
    private readonly FolderBook _book;
    private int _flushes;

    public PowerCutFiles(string root)
    {
        _root = Path.GetFullPath(root);
        _book = Existing(_root);
    }

    /// <summary>Flushes of files so far.</summary>
    public int Flushes => Volatile.Read(ref _flushes);

    public override IDataFile Create(string path)
    {
        var file = base.Create(path);
        lock (_guard)
        {
            var book = new FileBook([]);
            var folder = FolderOf(path);
            folder.Change((Path.GetFileName(path), book));
            folder.Flush();
            return new BookedFile(this, book, file);
        }
    }

    public override IDataFile Open(string path)
    {
        var file = base.Open(path);
        lock (_guard)
        {
            return new BookedFile(this, (FileBook)FolderOf(path).Now[Path.GetFileName(path)], file);
        }
    }

    public override void CreateFolder(string path)
    {
        base.CreateFolder(path);
        lock (_guard)
        {
            var folder = _book;
            foreach (var name in Path.GetRelativePath(_root, path).Split(Path.DirectorySeparatorChar).Where(name => name != "."))
            {
                if (!folder.Now.TryGetValue(name, out var below))
                {
                    below = new FolderBook([]);
                    folder.Change((name, below));
                    folder.Flush();
                }

                folder = (FolderBook)below;
            }
        }
    }

    public override void Move(string from, string to)
    {
        base.Move(from, to);
        lock (_guard)
        {
            // Within one folder, as all renames here are: then it is one change.
            Assert.Equal(Path.GetDirectoryName(from), Path.GetDirectoryName(to));
            var folder = FolderOf(from);
            folder.Change((Path.GetFileName(to), folder.Now[Path.GetFileName(from)]), (Path.GetFileName(from), null));
        }
    }

    public override void Delete(string path)
    {
        base.Delete(path);
        Forget(path);
    }

    public override void DeleteFolder(string path)
    {
        base.DeleteFolder(path);
        Forget(path);
    }

    public override void FlushFolder(string path)
    {
        base.FlushFolder(path);
        lock (_guard)
        {
            ((FolderBook)Find(path)!).Flush();
        }
    }

    /// <summary>The directory as it may be found when the power is back.</summary>
    public void Cut(string target, Spared spared, Random random)
    {
        lock (_guard)
        {
            _book.Write(target, spared, random);
        }
    }

    private void Forget(string path)
    {
        lock (_guard)
        {
            var folder = FolderOf(path);
            if (folder.Now.ContainsKey(Path.GetFileName(path)))
            {
                folder.Change((Path.GetFileName(path), null));
            }
        }
    }

    private FolderBook FolderOf(string path) => (FolderBook)Find(Path.GetDirectoryName(path)!)!;

    private Book? Find(string path)
    {
        Book found = _book;
        foreach (var name in Path.GetRelativePath(_root, path).Split(Path.DirectorySeparatorChar).Where(name => name != "."))
        {
            found = ((FolderBook)found).Now[name];
        }

        return found;
    }

    private static FolderBook Existing(string path)
    {
        var entries = new Dictionary<string, Book>();
        foreach (var folder in Directory.EnumerateDirectories(path))
        {
            entries[Path.GetFileName(folder)] = Existing(folder);
        }

        foreach (var file in Directory.EnumerateFiles(path))
        {
            entries[Path.GetFileName(file)] = new FileBook(File.ReadAllBytes(file));
        }

        return new FolderBook(entries);
    }

    private abstract class Book
    {
        public abstract void Write(string path, Spared spared, Random random);
    }

    private sealed class FolderBook(Dictionary<string, Book> flushed) : Book
    {
        private readonly List<(string Name, Book? Entry)[]> _unflushed = [];
        private Dictionary<string, Book> _flushed = flushed;

        public Dictionary<string, Book> Now { get; } = new(flushed);

        public void Change(params (string Name, Book? Entry)[] change)
        {
            Apply(Now, change);
            _unflushed.Add(change);
        }

        public void Flush()
        {
            _flushed = new Dictionary<string, Book>(Now);
            _unflushed.Clear();
        }

        public override void Write(string path, Spared spared, Random random)
        {
            var entries = new Dictionary<string, Book>(_flushed);
            foreach (var change in _unflushed)
            {
                if (Survives(spared, random))
                {
                    Apply(entries, change);
                }
            }

            Directory.CreateDirectory(path);
            foreach (var (name, entry) in entries)
            {
                entry.Write(Path.Combine(path, name), spared, random);
            }
        }

        private static void Apply(Dictionary<string, Book> entries, (string Name, Book? Entry)[] change)
        {
            foreach (var (name, entry) in change)
            {
                if (entry is null)
                {
                    entries.Remove(name);
                }
                else
                {
                    entries[name] = entry;
                }
            }
        }
    }

    private sealed class FileBook(byte[] flushed) : Book
    {
        /// <summary>Writes, and where the bytes are null new lengths, in their order.</summary>
        private readonly List<(long Offset, byte[]? Bytes)> _unflushed = [];
        private byte[] _flushed = flushed;

        public void Write(long offset, byte[]? bytes) => _unflushed.Add((offset, bytes));

        /// <summary>What a flush that begins now will cover.</summary>
        public int UnflushedCount => _unflushed.Count;

        public void Flush(int count)
        {
            _flushed = Apply(_unflushed.Take(count), Spared.All, Random.Shared);
            _unflushed.RemoveRange(0, count);
        }

        public override void Write(string path, Spared spared, Random random) => File.WriteAllBytes(path, Apply(_unflushed, spared, random));

        private byte[] Apply(IEnumerable<(long Offset, byte[]? Bytes)> changes, Spared spared, Random random)
        {
            using var content = new MemoryStream();
            content.Write(_flushed);
            foreach (var (offset, bytes) in changes)
            {
                if (bytes is null)
                {
                    if (Survives(spared, random))
                    {
                        content.SetLength(offset);
                    }

                    continue;
                }

                for (var at = 0; at < bytes.Length;)
                {
                    var length = (int)Math.Min(bytes.Length - at, BlockBytes - ((offset + at) % BlockBytes));
                    if (Survives(spared, random))
                    {
                        content.Position = offset + at;
                        content.Write(bytes, at, length);
                    }

                    at += length;
                }
            }

            return content.ToArray();
        }
    }

    private static bool Survives(Spared spared, Random random) => spared == Spared.All || (spared == Spared.Some && random.Next(2) == 0);

    private sealed class BookedFile(PowerCutFiles owner, FileBook book, IDataFile file) : IDataFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            lock (owner._guard)
            {
                file.Write(bytes, offset);
                book.Write(offset, bytes.ToArray());
            }
        }

        public void SetLength(long length)
        {
            lock (owner._guard)
            {
                file.SetLength(length);
                book.Write(length, null);
            }
        }

        public void FlushToDisk()
        {
            int covered;
            lock (owner._guard)
            {
                covered = book.UnflushedCount;
            }

            // Nothing is asked of the real disk: it is not to lose power.
            lock (owner._guard)
            {
                book.Flush(covered);
            }

            Interlocked.Increment(ref owner._flushes);
        }

        public void Dispose() => file.Dispose();
    }
}
