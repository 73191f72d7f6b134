using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Queries;

/// <summary>
/// The selected series of a block as a source. Series are in the order of their labels there; where a label is hidden the order is another, and the labels
/// of all selected series are held while it is made. Chunks that hold no floats are given whole, since they cannot be cut here.
/// </summary>
internal sealed class BlockSelection : IBlockSource
{
    private readonly BlockReader _reader;
    private readonly long _minMs;
    private readonly long _maxMs;
    private readonly uint[] _series;
    private readonly List<BlockChunk> _chunks = [];
    private readonly ChunkBuffer _buffer = new();
    private Labels? _labels;
    private bool _areChunksRead;
    private int _next;

    private BlockSelection(BlockReader reader, Selection selection)
    {
        _reader = reader;
        _minMs = selection.MinMs;
        _maxMs = selection.MaxMs;
        _series = reader.Select(selection.Matchers);
    }

    public Labels Labels => _labels ??= _reader.ReadLabels();

    public IReadOnlyList<BlockChunk> Chunks
    {
        get
        {
            if (!_areChunksRead)
            {
                ReadChunks();
                _areChunksRead = true;
            }

            return _chunks;
        }
    }

    /// <param name="reader">Goes with the source.</param>
    public static IBlockSource Open(BlockReader reader, Selection selection)
    {
        var source = new BlockSelection(reader, selection);
        if (selection.HiddenLabel.Length == 0)
        {
            return source;
        }

        var hiding = new HidingSource(source, selection.HiddenLabel);
        source.SortBy(hiding.Without);
        return hiding;
    }

    public bool MoveNext()
    {
        while (_next < _series.Length)
        {
            Read(_series[_next++]);
            if (Touches())
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _reader.Dispose();

    private void SortBy(Func<Labels, Labels> seen)
    {
        var keys = new Labels[_series.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            Read(_series[i]);
            keys[i] = seen(Labels);
        }

        Array.Sort(keys, _series, LabelsOrder.Instance);
    }

    private void Read(uint series)
    {
        _reader.Read(series);
        _labels = null;
        _areChunksRead = false;
    }

    private bool Touches()
    {
        foreach (var chunk in _reader.Chunks)
        {
            if (IsWanted(chunk))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsWanted(in ChunkEntry chunk)
    {
        return chunk.MinMs <= _maxMs && chunk.MaxMs >= _minMs && !_reader.IsDeleted(chunk.MinMs, chunk.MaxMs);
    }

    private void ReadChunks()
    {
        _chunks.Clear();
        _buffer.Clear();
        foreach (var chunk in _reader.Chunks)
        {
            if (!IsWanted(chunk))
            {
                continue;
            }

            var data = _reader.ReadChunk(chunk, out var encoding);
            var isWhole = chunk.MinMs >= _minMs && chunk.MaxMs <= _maxMs && !_reader.HasDeleted(chunk.MinMs, chunk.MaxMs);
            if (isWhole || encoding != ChunkFileFormat.XorEncoding)
            {
                var copy = _buffer.Take(data.Length);
                data.CopyTo(copy.Span);
                _chunks.Add(new BlockChunk(chunk.MinMs, chunk.MaxMs, encoding, copy));
            }
            else
            {
                Cut(chunk, data);
            }
        }
    }

    /// <summary>Encodes the samples of the range again that are not deleted.</summary>
    private void Cut(in ChunkEntry chunk, ReadOnlySpan<byte> data)
    {
        var samples = XorChunk.Read(data);
        while (samples.MoveNext() && samples.TimestampMs <= _maxMs)
        {
            if (samples.TimestampMs >= _minMs && !_reader.IsDeleted(samples.TimestampMs, samples.TimestampMs))
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
