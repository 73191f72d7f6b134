using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Head;

/// <summary>A closed chunk on its way to a file.</summary>
internal readonly record struct ClosedChunk(uint Node, ulong SeriesRef, long MinMs, long MaxMs, ChunkRef Chunk);

/// <summary>
/// Moves some closed chunks from memory to files: made and finished by the writer of the head, run on another thread. It
/// counts as a reader from beginning to end, so that no node or block of it is used again meanwhile.
/// </summary>
internal sealed class ChunkFlush
{
    private readonly HeadBlock _head;
    private readonly ChunkFiles _files;
    private readonly List<ClosedChunk> _chunks;
    private readonly List<ChunkRef> _written;
    private readonly ReaderEpochs.Reader _reader;

    public ChunkFlush(HeadBlock head, ChunkFiles files, List<ClosedChunk> chunks)
    {
        _head = head;
        _files = files;
        _chunks = chunks;
        _written = new List<ChunkRef>(chunks.Count);
        _reader = head.Epochs.Enter();
    }

    /// <summary>Why writing ended early; what was written before counts.</summary>
    public Exception? Failure { get; private set; }

    public IReadOnlyList<ClosedChunk> Chunks => _chunks;

    public IReadOnlyList<ChunkRef> Written => _written;

    /// <summary>Writes on a thread of its own, below normal priority.</summary>
    public Task<ChunkFlush> RunAsync()
    {
        var done = new TaskCompletionSource<ChunkFlush>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            Run();
            done.SetResult(this);
        })
        {
            IsBackground = true,
            Name = "chunk-flush",
            Priority = ThreadPriority.BelowNormal,
        };
        thread.Start();
        return done.Task;
    }

    public void Run()
    {
        try
        {
            for (var next = 0; next < _chunks.Count;)
            {
                next = WriteSome(next, _files.WriteBuffer);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Failure = failure;
        }
    }

    /// <summary>By the head's writer, once.</summary>
    public void Release() => _reader.Dispose();

    private int WriteSome(int next, byte[] buffer)
    {
        var file = _files.FileFor(buffer.Length);
        var writtenBefore = _written.Count;
        var length = 0;
        var maxMs = file.MaxMs;
        for (; next < _chunks.Count && buffer.Length - length >= ChunkFileFormat.MaxXorEntryBytes; next++)
        {
            var chunk = _chunks[next];
            _written.Add(ChunkRef.InFile(file.Number, (uint)(file.Length + length)));
            length += ChunkFileFormat.WriteEntry(buffer.AsSpan(length), chunk.SeriesRef, chunk.MinMs, chunk.MaxMs, chunk.Chunk, _head.Blocks);
            maxMs = Math.Max(maxMs, chunk.MaxMs);
        }

        try
        {
            file.Append(buffer.AsSpan(0, length));
        }
        catch
        {
            _written.RemoveRange(writtenBefore, _written.Count - writtenBefore);
            throw;
        }

        file.MaxMs = maxMs;
        return next;
    }
}
