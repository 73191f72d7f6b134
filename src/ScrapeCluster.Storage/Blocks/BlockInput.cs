using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>All series of a block, for one that is made of it. What was deleted from the block is left out.</summary>
internal sealed class BlockInput(Block block) : IBlockInput
{
    /// <exception cref="ObjectDisposedException">Everybody has let go of the block.</exception>
    public IBlockSource Open()
    {
        return new BlockSource(block.TryRead(ChunkCursor.PassWindowBytes) ?? throw new ObjectDisposedException(block.ToString()));
    }
}

/// <summary>One pass over a block.</summary>
internal sealed class BlockSource : IBlockSource
{
    private readonly BlockReader _reader;
    private readonly uint[] _series;
    private readonly List<BlockChunk> _chunks = [];
    private readonly ChunkBuffer _buffer = new();
    private Labels? _labels;
    private bool _hasChunks;
    private int _next;

    /// <param name="reader">Goes with the source, also when this throws.</param>
    public BlockSource(BlockReader reader)
    {
        _reader = reader;
        try
        {
            _series = reader.Select([]);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    public Labels Labels => _labels ??= _reader.ReadLabels();

    public IReadOnlyList<BlockChunk> Chunks
    {
        get
        {
            if (!_hasChunks)
            {
                ReadChunks();
                _hasChunks = true;
            }

            return _chunks;
        }
    }

    public bool MoveNext()
    {
        if (_next == _series.Length)
        {
            return false;
        }

        _reader.Read(_series[_next++]);
        _labels = null;
        _hasChunks = false;
        return true;
    }

    public void Dispose() => _reader.Dispose();

    private void ReadChunks()
    {
        _chunks.Clear();
        _buffer.Clear();
        foreach (var chunk in _reader.Chunks)
        {
            if (_reader.IsDeleted(chunk.MinMs, chunk.MaxMs))
            {
                continue;
            }

            var data = _reader.ReadChunk(chunk, out var encoding);
            if (encoding == ChunkFileFormat.XorEncoding && _reader.HasDeleted(chunk.MinMs, chunk.MaxMs))
            {
                EncodeKept(chunk, data);
            }
            else
            {
                var copy = _buffer.Take(data.Length);
                data.CopyTo(copy.Span);
                _chunks.Add(new BlockChunk(chunk.MinMs, chunk.MaxMs, encoding, copy));
            }
        }
    }

    /// <summary>What deletions leave of a chunk, encoded anew.</summary>
    private void EncodeKept(in ChunkEntry chunk, ReadOnlySpan<byte> data)
    {
        var samples = XorChunk.Read(data);
        while (samples.MoveNext())
        {
            if (!_reader.IsDeleted(samples.TimestampMs, samples.TimestampMs))
            {
                _buffer.Encode(samples.TimestampMs, samples.Value, _chunks);
            }
        }

        if (samples.Failed)
        {
            throw _reader.Damage(chunk, "the samples of a chunk cannot be decoded");
        }

        _buffer.EndChunk(_chunks);
    }
}
