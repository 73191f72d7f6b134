using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>
/// Reads one block for one query or one pass: from matchers to series numbers, from a number to labels and chunks, from a chunk to its bytes. Holds
/// the block meanwhile. For one thread; <see cref="Chunks"/> and chunk bytes are valid until the next call.
/// </summary>
/// <remarks>Every method throws an <see cref="IOException"/> (<see cref="BlockDamageException"/>) on a file that is damaged or cannot be read.</remarks>
internal sealed class BlockReader : IDisposable
{
    private readonly Block _block;
    private readonly IndexCursor _index;
    private readonly ChunkCursor _chunks;
    private readonly TombstonesFile _tombstones;
    private readonly SeriesEntry _entry = new();
    private readonly LabelsBuilder _builder = new();
    private IReadOnlyList<DeletedRange> _deleted = [];
    private bool _isDisposed;

    internal BlockReader(Block block, IndexReader index, ChunkSegmentReader chunks, TombstonesFile tombstones, int chunkWindowBytes)
    {
        _block = block;
        _index = new IndexCursor(index);
        _chunks = new ChunkCursor(chunks, chunkWindowBytes);
        _tombstones = tombstones;
    }

    public Block Block => _block;

    /// <summary>Chunks that were passed over because they hold no floats; the caller counts, the block sums up.</summary>
    public long UnsupportedChunks { get; set; }

    /// <summary>Of the series read last, in order of time.</summary>
    public IReadOnlyList<ChunkEntry> Chunks => _entry.Chunks;

    /// <summary>Numbers of the series that all matchers accept, ascending, which is the order of their labels. No matchers: all.</summary>
    public uint[] Select(IReadOnlyList<LabelMatcher> matchers) => new SeriesSelection(_index).Select(matchers);

    /// <summary>Names of all labels in the block, sorted.</summary>
    public IEnumerable<string> LabelNames()
    {
        return _index.Index.Postings.Names.Select(range => Encoding.UTF8.GetString(range.Name));
    }

    /// <summary>All values of a label in the block, sorted by their bytes.</summary>
    public IReadOnlyList<string> LabelValues(string name)
    {
        if (name.Length == 0 || !_index.Index.Postings.TryFindName(Encoding.UTF8.GetBytes(name), out var range))
        {
            return [];
        }

        var values = new List<string>(range.ValueCount);
        using var scan = _index.Values(range);
        while (scan.MoveNext())
        {
            values.Add(Encoding.UTF8.GetString(scan.TakeValue()));
        }

        return values;
    }

    /// <summary>Goes to a series; its <see cref="Chunks"/> can be asked then, and <see cref="ReadLabels"/>.</summary>
    public void Read(uint series)
    {
        _index.ReadSeries(series, _entry);
        _deleted = _tombstones.IsEmpty ? [] : _tombstones.Of(series);
    }

    /// <summary>Labels of the series read last.</summary>
    public Labels ReadLabels()
    {
        _builder.Clear();
        foreach (var (name, value) in _entry.Labels)
        {
            _builder.Add(_index.Symbol(name), _index.Symbol(value));
        }

        return _builder.ToLabels();
    }

    /// <summary>Labels of the series read last as symbols of the block: equal numbers are equal texts.</summary>
    public IReadOnlyList<(uint Name, uint Value)> LabelSymbols => _entry.Labels;

    /// <summary>The symbol of a text, false when no series of the block has it.</summary>
    public bool TryFindSymbol(string text, out uint number) => _index.TryFindSymbol(Encoding.UTF8.GetBytes(text), out number);

    public string Symbol(uint number) => Encoding.UTF8.GetString(_index.Symbol(number));

    /// <summary>True when one deletion takes the whole range of time, both ends included, from the series read last.</summary>
    public bool IsDeleted(long minMs, long maxMs)
    {
        foreach (var range in _deleted)
        {
            if (range.Covers(minMs, maxMs))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when a deletion takes something of the range from the series read last.</summary>
    public bool HasDeleted(long minMs, long maxMs)
    {
        foreach (var range in _deleted)
        {
            if (range.Touches(minMs, maxMs))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The chunk's bytes as <see cref="BlockChunk.Data"/> has them.</summary>
    public ReadOnlySpan<byte> ReadChunk(in ChunkEntry chunk, out byte encoding) => _chunks.Read(chunk.Ref, out encoding);

    public BlockDamageException Damage(in ChunkEntry chunk, string reason) => _chunks.Damage(chunk.Ref, reason);

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _index.Dispose();
            _block.Release(UnsupportedChunks);
        }
    }
}
