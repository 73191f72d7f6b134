using System.Diagnostics;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Chunks;

/// <summary>
/// The files of <c>chunks_head</c>, by which closed chunks leave memory; the log holds the same samples, so losing them
/// costs nothing. One thread at a time writes; any thread reads, by positions on shared handles, so that a bad
/// disk is an <see cref="IOException"/> of one query. Numbers start at 1 and have no gap.
/// </summary>
internal sealed class ChunkFiles : IDisposable
{
    /// <summary>As in Prometheus; keeps offsets within a word too.</summary>
    public const int MaxFileBytes = 128 * 1024 * 1024;

    private const int WriteBufferBytes = 256 * 1024;

    private readonly string _directory;
    private readonly IDataFiles _disk;

    /// <summary>Guards the replacing of <see cref="_files"/>: flushes and truncations come from different threads.</summary>
    private readonly Lock _filesLock = new();
    private ChunkFile[] _files = [];
    private bool _nextIsDue;

    private readonly long _maxFileBytes;

    private ChunkFiles(string directory, IDataFiles disk, long maxFileBytes)
    {
        _directory = directory;
        _disk = disk;
        _maxFileBytes = maxFileBytes;
    }

    public delegate void EntryVisitor(in ChunkFileEntry entry, ChunkRef chunk);

    /// <summary>
    /// For the one thread that writes. Kept, since flushes come every few seconds and a large array of each would lie in memory until the
    /// collector next looks at the oldest objects, which a node that allocates as little as this one lets it do once in minutes.
    /// </summary>
    public byte[] WriteBuffer { get; } = new byte[WriteBufferBytes];

    /// <summary>Files in the directory.</summary>
    public int Count => Volatile.Read(ref _files).Count(file => !file.IsRemoved);

    public long Bytes => Volatile.Read(ref _files).Sum(file => file.IsRemoved ? 0 : file.Length);

    /// <summary>
    /// Opens what is there and shows every entry in order. From the first damage on nothing is kept, as Prometheus does: the
    /// torn end of the last file is cut off, files behind a damage are deleted. <paramref name="damage"/> tells of damage that is not a torn end.
    /// </summary>
    public static ChunkFiles Open(string directory, EntryVisitor visit, out string? damage, long maxFileBytes = MaxFileBytes, IDataFiles? disk = null)
    {
        damage = null;
        disk ??= DiskFiles.Instance;
        disk.CreateFolder(directory);
        var files = new ChunkFiles(directory, disk, maxFileBytes);
        var numbers = ChunkFileFormat.Numbers(directory);
        for (var i = 0; i < numbers.Count; i++)
        {
            var isLast = i == numbers.Count - 1;
            var isNext = i == 0 || numbers[i] == numbers[i - 1] + 1;
            var fault = isNext ? files.OpenOrClose(numbers[i], isLast, visit) : "a file before it is missing";
            if (fault is null)
            {
                continue;
            }

            damage = $"{files.PathOf(numbers[i])}: {fault}";
            foreach (var number in numbers.Skip(isNext ? i + 1 : i))
            {
                disk.Delete(files.PathOf(number));
            }

            break;
        }

        return files;
    }

    /// <summary>The next chunk goes into a new file, so that those before can go as soon as all in them is too old.</summary>
    public void StartNextFile()
    {
        lock (_filesLock)
        {
            _nextIsDue = true;
        }
    }

    /// <summary>A file with room for so many bytes more.</summary>
    public ChunkFile FileFor(int bytes)
    {
        int number;
        lock (_filesLock)
        {
            if (!_nextIsDue && _files.Length > 0 && _files[^1].IsWritable && _files[^1].Length + bytes <= _maxFileBytes)
            {
                return _files[^1];
            }

            _nextIsDue = false;
            number = _files.Length == 0 ? 1 : _files[^1].Number + 1;
        }

        try
        {
            // Not under the lock, which the writer of samples takes too: a name is made durable by the disk.
            return Add(Create(number));
        }
        catch
        {
            StartNextFile();
            throw;
        }
    }

    /// <summary>Reads the XOR bytes of a chunk, without the count, into the buffer.</summary>
    /// <exception cref="IOException">The disk or the file is damaged.</exception>
    public ReadOnlySpan<byte> Read(ChunkRef chunk, byte[] buffer, out int sampleCount)
    {
        var files = Volatile.Read(ref _files);
        var index = files.Length == 0 ? -1 : chunk.File - files[0].Number;
        if (index < 0 || index >= files.Length)
        {
            throw new IOException($"{PathOf(chunk.File)} is gone");
        }

        // The first try is most of what the reading costs; chunks of many noisy samples need the whole buffer.
        var file = files[index].Reader;
        if (!TryRead(file, buffer.AsSpan(0, Math.Min(buffer.Length, ChunkFileFormat.UsualXorEntryBytes)), chunk.Offset, out var entry)
            && !TryRead(file, buffer, chunk.Offset, out entry))
        {
            throw new IOException($"{PathOf(chunk.File)} at offset {chunk.Offset}: not a chunk, or its checksum is wrong");
        }

        sampleCount = entry.SampleCount;
        return entry.Data[2..];
    }

    /// <summary>
    /// Deletes the oldest files whose chunks all end before the time, and returns them. A reader that has found a chunk of them reads it
    /// nevertheless, until <see cref="CloseOldest"/>. From a file on that cannot be deleted all stay, for the next try.
    /// </summary>
    public IReadOnlyList<ChunkFile> RemoveBefore(long minMs, out Exception? failure)
    {
        failure = null;
        var removed = new List<ChunkFile>();
        lock (_filesLock)
        {
            foreach (var file in _files.Take(_files.Length - 1).TakeWhile(file => file.MaxMs < minMs).Where(file => !file.IsRemoved))
            {
                try
                {
                    _disk.Delete(PathOf(file.Number));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    failure = e;
                    break;
                }

                file.IsRemoved = true;
                removed.Add(file);
            }
        }

        return removed;
    }

    /// <summary>Forgets the oldest of the removed files, which no reader can hold any more.</summary>
    public void CloseOldest()
    {
        lock (_filesLock)
        {
            var oldest = _files[0];
            Debug.Assert(oldest.IsRemoved, "files are closed in the order in which they were removed");
            Volatile.Write(ref _files, _files[1..]);

            // With its last handle a deleted file's blocks are freed, which takes the system many milliseconds: not on the writer's thread.
            ThreadPool.UnsafeQueueUserWorkItem(static file => file.Dispose(), oldest, preferLocal: false);
        }
    }

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private static bool TryRead(IReadableFile file, Span<byte> buffer, uint offset, out ChunkFileEntry entry)
    {
        var read = file.ReadAt(buffer, offset);
        return ChunkFileFormat.TryReadEntry(buffer[..read], out entry) && entry.IsXor;
    }

    private ChunkFile Create(int number)
    {
        var path = PathOf(number);

        // What a try that failed has left.
        _disk.Delete(path);
        var writer = _disk.Create(path);
        try
        {
            Span<byte> header = stackalloc byte[ChunkFileFormat.HeaderBytes];
            ChunkFileFormat.WriteHeader(header);
            writer.Write(header, 0);
            return new ChunkFile(number, _disk.OpenToRead(path), writer) { Length = header.Length };
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    private ChunkFile Add(ChunkFile file)
    {
        lock (_filesLock)
        {
            Volatile.Write(ref _files, [.. _files, file]);
            return file;
        }
    }

    private string? OpenOrClose(int number, bool isLast, EntryVisitor visit)
    {
        try
        {
            return OpenExisting(number, isLast, visit);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private string? OpenExisting(int number, bool isLast, EntryVisitor visit)
    {
        var path = PathOf(number);
        var bytes = _disk.ReadAll(path);
        if (!ChunkFileFormat.IsHeader(bytes))
        {
            _disk.Delete(path);
            return isLast && (bytes.Length < ChunkFileFormat.HeaderBytes || IsZero(bytes)) ? null : "no header at offset 0";
        }

        var file = new ChunkFile(number, _disk.OpenToRead(path), writer: null);
        var at = ChunkFileFormat.HeaderBytes;
        string? fault = null;
        while (at < bytes.Length)
        {
            var rest = bytes.AsSpan(at);
            if (!ChunkFileFormat.TryReadEntry(rest, out var entry))
            {
                var isTornEnd = IsZero(rest) || (isLast && !ChunkFileFormat.TryReadEnd(rest, out _));
                fault = isTornEnd ? null : $"entry at offset {at} is cut or its checksum is wrong";
                CutAt(path, at);
                break;
            }

            file.MaxMs = Math.Max(file.MaxMs, entry.MaxMs);
            visit(in entry, ChunkRef.InFile(number, (uint)at));
            at += entry.Length;
        }

        file.Length = at;
        Add(file);
        return fault;
    }

    private void CutAt(string path, long length)
    {
        using var file = _disk.Open(path);
        file.SetLength(length);
    }

    /// <summary>Prometheus gives files their size ahead of the data.</summary>
    private static bool IsZero(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0) < 0;

    private string PathOf(int number) => ChunkFileFormat.PathOf(_directory, number);
}

/// <summary>One open file.</summary>
/// <param name="reader">Any thread's.</param>
/// <param name="writer">Null for files of an earlier process: they are read only.</param>
internal sealed class ChunkFile(int number, IReadableFile reader, IDataFile? writer) : IDisposable
{
    public int Number { get; } = number;

    public IReadableFile Reader { get; } = reader;

    public long Length { get; set; }

    public long MaxMs { get; set; } = long.MinValue;

    /// <summary>No longer in the directory; open for readers that came before.</summary>
    public bool IsRemoved { get; set; }

    public bool IsWritable => writer is not null;

    /// <summary>Adds to the end: all of it, or after a throw nothing that counts.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            writer!.Write(bytes, Length);
        }
        catch
        {
            writer!.SetLength(Length);
            throw;
        }

        Length += bytes.Length;
    }

    public void Dispose()
    {
        writer?.Dispose();
        Reader.Dispose();
    }
}
