using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Offline;

/// <summary>Checks the files of <c>chunks_head</c>: headers, every chunk with its checksum and its samples, and whether a file is missing.</summary>
/// <param name="isHeld">Somebody writes into them: what is torn at the end of the newest one is not finished yet.</param>
internal sealed class ChunkFilesCheck(string directory, bool isHeld, Action<DirectoryFault> tell)
{
    public int Files { get; private set; }

    public long Chunks { get; private set; }

    public long Bytes { get; private set; }

    public void Run(CancellationToken cancellation)
    {
        var numbers = ChunkFileFormat.Numbers(directory);
        for (var i = 0; i < numbers.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (i > 0 && numbers[i] != numbers[i - 1] + 1)
            {
                Tell(directory, 0, $"the file before {Path.GetFileName(ChunkFileFormat.PathOf(directory, numbers[i]))} is missing");
            }

            Try(ChunkFileFormat.PathOf(directory, numbers[i]), isHeld && i == numbers.Count - 1);
        }
    }

    private void Try(string path, bool isWrittenTo)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            Files++;
            Bytes += bytes.Length;
            Check(path, bytes, isWrittenTo);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            // All in it came into a block.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            tell(new DirectoryFault(path, 0, $"cannot be read: {failure.Message}", IsUnread: true));
        }
    }

    private void Check(string path, ReadOnlySpan<byte> bytes, bool isWrittenTo)
    {
        if (!ChunkFileFormat.IsHeader(bytes) && !(isWrittenTo && bytes.Length < ChunkFileFormat.HeaderBytes))
        {
            Tell(path, 0, "not a file of head chunks of version 1, it begins with other bytes");
        }

        var at = ChunkFileFormat.HeaderBytes;
        while (at < bytes.Length)
        {
            var rest = bytes[at..];
            if (ChunkFileFormat.TryReadEntry(rest, out var entry))
            {
                Chunks++;
                if (entry.IsXor && !XorChunk.IsFromTo(entry.Data, entry.MinMs, entry.MaxMs))
                {
                    Tell(path, at, $"the samples of a chunk do not go from {entry.MinMs} to {entry.MaxMs} in the order of time");
                }

                at += entry.Length;
                continue;
            }

            if (rest.IndexOfAnyExcept((byte)0) < 0)
            {
                // Prometheus gives files their size ahead of the data.
                return;
            }

            // The damage is more likely in the data than in the length: a chunk that can be read behind it shows that the length is right.
            if (ChunkFileFormat.TryReadEnd(rest, out var end) && IsEndOfChunk(rest[end..]))
            {
                if (!isWrittenTo || rest.Length > end)
                {
                    Tell(path, at, "a chunk does not match its checksum");
                }

                at += end;
                continue;
            }

            if (!isWrittenTo)
            {
                Tell(path, at, $"a chunk is cut, or its length or checksum is wrong: {rest.Length} bytes from here on cannot be read");
            }

            return;
        }
    }

    private static bool IsEndOfChunk(ReadOnlySpan<byte> behind)
    {
        return behind.IndexOfAnyExcept((byte)0) < 0 || ChunkFileFormat.TryReadEntry(behind, out _);
    }

    private void Tell(string file, long offset, string reason) => tell(new DirectoryFault(file, offset, reason));
}
