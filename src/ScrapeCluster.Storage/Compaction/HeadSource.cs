using System.Buffers.Binary;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// One pass over rows of the head. Chunks are read when they are asked for. The reader epoch is renewed every some series, so that a long pass,
/// on a slow disk, does not hold back the memory that the writer gives up meanwhile; a row that is no longer what it was is known by its reference.
/// </summary>
internal sealed class HeadSource : IBlockSource
{
    private const int RowsPerEpoch = 1024;

    private readonly HeadBlock _head;
    private readonly HeadRows _rows;
    private readonly long _minMs;
    private readonly long _maxMs;
    private readonly SeriesChunks _taken;
    private readonly LabelsBuilder _builder = new();
    private readonly ChunkBuffer _buffer = new();
    private readonly List<BlockChunk> _chunks = [];
    private readonly byte[] _bytes = new byte[ChunkFileFormat.MaxXorEntryBytes];
    private ReaderEpochs.Reader _reader;
    private bool _areChunksRead;
    private bool _isDisposed;
    private int _next;

    public HeadSource(HeadBlock head, HeadRows rows, long minMs, long maxMs)
    {
        _head = head;
        _rows = rows;
        _minMs = minMs;
        _maxMs = maxMs;
        _taken = new SeriesChunks(head);
        _reader = head.Epochs.Enter();
    }

    public Labels Labels { get; private set; } = Labels.Empty;

    public IReadOnlyList<BlockChunk> Chunks
    {
        get
        {
            if (!_areChunksRead)
            {
                ReadChunks(_rows.Rows[_next - 1]);
                _areChunksRead = true;
            }

            return _chunks;
        }
    }

    public bool MoveNext()
    {
        _areChunksRead = false;
        while (_next < _rows.Rows.Length)
        {
            if (_next % RowsPerEpoch == 0)
            {
                _reader.Dispose();
                _reader = _head.Epochs.Enter();
            }

            var index = _next++;
            if (TryReadLabels(_rows.Rows[index], _rows.Refs[index]))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _reader.Dispose();
        }
    }

    private bool TryReadLabels(uint row, ulong seriesRef)
    {
        // The count first: the writer publishes it last, behind the reference.
        ref var series = ref _head.Series.Row(row);
        var count = Volatile.Read(ref series.LabelCount);
        if (count == 0 || _head.Series.Ref(row) != seriesRef)
        {
            return false;
        }

        _builder.Clear();
        foreach (var id in _head.Runs.Read(series.LabelsAt, count))
        {
            var pair = _head.Labels[id];
            _builder.Add(pair.Name.Name, pair.Value);
        }

        Labels = _builder.ToLabels();
        return true;
    }

    private void ReadChunks(uint row)
    {
        _buffer.Clear();
        _chunks.Clear();
        _taken.Take(row, _minMs, _maxMs);
        for (var i = _taken.Newest.Count - 1; i >= 0; i--)
        {
            var taken = _taken.Newest[i];
            var lastMs = _chunks.Count == 0 ? long.MinValue : _chunks[^1].MaxMs;
            if (taken.IsOpen || taken.MinMs < _minMs || taken.MaxMs > _maxMs || _taken.Deleted is not null)
            {
                Cut(taken.Chunk, Math.Max(_minMs, lastMs == long.MaxValue ? lastMs : lastMs + 1));
            }
            else if (taken.MinMs > lastMs)
            {
                Copy(taken);
            }
        }
    }

    private void Copy(in TakenChunk taken)
    {
        var bytes = _taken.Read(taken.Chunk, _bytes, out var count);
        var data = _buffer.Take(XorChunk.CountBytes + bytes.Length);
        BinaryPrimitives.WriteUInt16BigEndian(data.Span, (ushort)count);
        bytes.CopyTo(data.Span[XorChunk.CountBytes..]);
        _chunks.Add(new BlockChunk(taken.MinMs, taken.MaxMs, ChunkFileFormat.XorEncoding, data));
    }

    /// <summary>
    /// Encodes the samples of the range again that are not deleted, from a time on: those before are there already, from the same chunk as it was closed.
    /// </summary>
    private void Cut(ChunkRef chunk, long fromMs)
    {
        var bytes = _taken.Read(chunk, _bytes, out var count);
        var samples = new XorReader(bytes, count);
        while (samples.MoveNext() && samples.TimestampMs <= _maxMs)
        {
            if (samples.TimestampMs >= fromMs && !DeletedRanges.Covers(_taken.Deleted, samples.TimestampMs))
            {
                _buffer.Encode(samples.TimestampMs, samples.Value, _chunks);
            }
        }

        _buffer.EndChunk(_chunks);
    }
}
