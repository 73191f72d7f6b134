using Microsoft.Win32.SafeHandles;

namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>Writes a part of a file that exists: <see cref="RandomAccess.Write(SafeFileHandle, ReadOnlySpan{byte}, long)"/>, or a disk that is full.</summary>
internal delegate void WriteAt(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

/// <summary>One position file, open for its writer. Failures are <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</summary>
internal sealed class PositionFile : IDisposable
{
    public const string UnfinishedSuffix = ".tmp";

    private readonly SafeFileHandle _handle;
    private readonly WriteAt _write;
    private readonly ulong[] _sequences;

    private PositionFile(SafeFileHandle handle, PositionHeader header, ulong[] sequences, WriteAt write)
    {
        _handle = handle;
        Header = header;
        _sequences = sequences;
        _write = write;
    }

    public PositionHeader Header { get; }

    /// <summary>Null when there is none; a file that cannot be read is a damaged one.</summary>
    public static PositionsRead? TryRead(string path)
    {
        try
        {
            return PositionsRead.Parse(File.ReadAllBytes(path));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new PositionsRead(null, [], [], [$"it cannot be read ({failure.Message})"]);
        }
    }

    /// <summary>One that cannot be moved stays where it is.</summary>
    public static bool TryMove(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>One that cannot be removed stays, and is nobody's.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Removed by the next configuration.
        }
    }

    /// <summary>Goes on with a file that was read without damage.</summary>
    public static PositionFile Open(string path, PositionsRead read, WriteAt write) =>
        new(File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), read.Header!.Value, [.. read.Sequences], write);

    /// <summary>Makes the file, or takes the place of one: whoever looks finds the old or the new one, whole.</summary>
    public static PositionFile Create(string path, PositionHeader header, ReadOnlySpan<ShardPosition> shards, WriteAt write)
    {
        var bytes = new byte[PositionFormat.FileLength(shards.Length)];
        var sequences = new ulong[shards.Length];
        PositionFormat.WriteHeader(bytes, header);
        PositionFormat.WriteHeader(bytes.AsSpan(^PositionFormat.HeaderLength..), header);
        for (var shard = 0; shard < shards.Length; shard++)
        {
            sequences[shard] = 1;
            PositionFormat.WriteSlot(bytes.AsSpan((int)PositionFormat.SlotOffset(shard, 1)), shard, 1, shards[shard]);
        }

        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var unfinished = path + UnfinishedSuffix;
        var handle = File.OpenHandle(unfinished, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            write(handle, bytes, 0);
            RandomAccess.FlushToDisk(handle);
            File.Move(unfinished, path, overwrite: true);
            return new PositionFile(handle, header, sequences, write);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>One small write, over the older of the shard's two slots.</summary>
    public void Write(int shard, ShardPosition position)
    {
        Span<byte> slot = stackalloc byte[PositionFormat.SlotLength];
        var sequence = _sequences[shard] + 1;
        PositionFormat.WriteSlot(slot, shard, sequence, position);
        _write(_handle, slot, PositionFormat.SlotOffset(shard, sequence));
        _sequences[shard] = sequence;
    }

    public void Dispose() => _handle.Dispose();
}
