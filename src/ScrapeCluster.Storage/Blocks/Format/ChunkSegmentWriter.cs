using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>Writes the chunks of a new block, one behind the other, into files of limited size.</summary>
internal sealed class ChunkSegmentWriter(IDataFiles files, string folder, long maxFileBytes = ChunkSegment.MaxBytes) : IDisposable
{
    private BlockFileWriter? _file;
    private int _number = -1;

    public BlockChunkRef Add(in BlockChunk chunk)
    {
        var size = ChunkSegment.MaxLengthBytes + 1 + chunk.Data.Length + ChunkSegment.ChecksumBytes;
        if (_file is null || (_file.Position > ChunkSegment.HeaderBytes && _file.Position + size > maxFileBytes))
        {
            StartFile();
        }

        var reference = BlockChunkRef.At(_number, _file!.Position);
        _file.UVarint((ulong)chunk.Data.Length);
        _file.BeginChecksum();
        _file.Byte(chunk.Encoding);
        _file.Write(chunk.Data.Span);
        _file.EndChecksum();
        return reference;
    }

    /// <summary>Makes the last file durable; the others are already.</summary>
    public void Close() => _file?.Close();

    public void Dispose() => _file?.Dispose();

    private void StartFile()
    {
        Close();
        _number++;
        _file = new BlockFileWriter(files, Path.Combine(folder, ChunkSegment.NameOf(_number)));
        ChunkSegment.WriteHeader(_file);
    }
}
