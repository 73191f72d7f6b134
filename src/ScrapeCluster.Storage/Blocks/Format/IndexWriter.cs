using System.Numerics;
using System.Runtime.InteropServices;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// Writes an index from its beginning to its end, byte for byte as Prometheus 2.42 does (layout: FORMAT.md). In order: the symbols, series in the order
/// of their labels, <see cref="Finish"/>.
/// </summary>
internal sealed class IndexWriter : IDisposable
{
    /// <summary>Series are numbered by their offset over 16 in 32 bits.</summary>
    private const long MaxBytes = (long)uint.MaxValue * SeriesEntry.Alignment;

    private readonly IDataFiles _files;
    private readonly BlockFileWriter _file;
    private readonly SymbolSet _symbols;
    private readonly RecordBuffer _body = new();
    private readonly List<uint> _series = [];

    /// <summary>How many series have a label, by the symbol of its name.</summary>
    private readonly Dictionary<uint, int> _nameCounts = [];
    private readonly long _symbolsAt;
    private readonly long _seriesAt;

    /// <summary>The series added last, and its labels as symbols.</summary>
    private readonly List<(uint Name, uint Value)> _lastNumbers = [];
    private Labels _lastLabels = Labels.Empty;

    /// <param name="symbols">Sealed; holds at least the names and values of all series that will come.</param>
    public IndexWriter(IDataFiles files, string path, SymbolSet symbols)
    {
        _files = files;
        _symbols = symbols;
        _file = new BlockFileWriter(files, path);
        try
        {
            _file.UInt32(IndexToc.Magic);
            _file.Byte(IndexToc.Version);
            _symbolsAt = _file.Position;
            WriteSymbols();
            _seriesAt = _file.Position;
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The next series.</summary>
    /// <exception cref="InvalidOperationException">It does not follow the one before in the order of labels: nobody could read such an index right.</exception>
    public void AddSeries(Labels labels, ReadOnlySpan<ChunkEntry> chunks)
    {
        if (_series.Count > 0 && LabelsOrder.Instance.Compare(_lastLabels, labels) >= 0)
        {
            throw new InvalidOperationException($"series {labels} comes after {_lastLabels}, which is not the order of a block");
        }

        Number(labels);
        _lastLabels = labels;
        AddSeries(CollectionsMarshal.AsSpan(_lastNumbers), chunks);
    }

    public void AddSeries(ReadOnlySpan<(uint Name, uint Value)> labels, ReadOnlySpan<ChunkEntry> chunks)
    {
        _file.Pad(SeriesEntry.Alignment);
        if (_file.Position > MaxBytes)
        {
            throw new IOException($"{_file.Path}: the series of an index take more than 64 GiB, which the format does not allow");
        }

        _series.Add((uint)(_file.Position / SeriesEntry.Alignment));
        foreach (var (name, _) in labels)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_nameCounts, name, out _)++;
        }

        SeriesEntry.Encode(_body, labels, chunks);
        _file.UVarint((ulong)_body.Length);
        _file.BeginChecksum();
        _file.Write(_body.Written);
        _file.EndChecksum();
    }

    /// <summary>Writes everything behind the series and makes the file durable.</summary>
    public void Finish(CancellationToken cancellation)
    {
        _file.Flush();
        var labelIndicesAt = _file.Position;
        var path = Path.Combine(Path.GetDirectoryName(_file.Path)!, PostingsFile.FileName);
        using var postings = new PostingsFile(_files, path);
        using (var written = BlockFile.Open(_file.Path))
        {
            new PostingsCollector(written, _series, _nameCounts).Collect(postings, cancellation);
        }

        var labelIndexTable = WriteLabelIndices(postings);

        var postingsAt = _file.Position;
        _file.Pad(sizeof(uint));
        var listsAt = _file.Position;
        postings.MoveTo(_file);

        var labelIndexTableAt = _file.Position;
        WriteLabelIndexTable(labelIndexTable);
        var postingsTableAt = _file.Position;
        WritePostingsTable(postings, listsAt);
        new IndexToc(_symbolsAt, _seriesAt, labelIndicesAt, labelIndexTableAt, postingsAt, postingsTableAt).Write(_file);
        _file.Close();
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Only what differs from the series before is looked up: sorted series share most labels with it, at the same places.</summary>
    private void Number(Labels labels)
    {
        var count = 0;
        var last = _lastLabels.GetEnumerator();
        foreach (var label in labels)
        {
            if (count == _lastNumbers.Count)
            {
                _lastNumbers.Add(default);
            }

            var isSame = last.MoveNext() && last.Current.Value.SequenceEqual(label.Value) && last.Current.Name.SequenceEqual(label.Name);
            _lastNumbers[count] = isSame ? _lastNumbers[count] : (NumberOf(label.Name), NumberOf(label.Value));
            count++;
        }

        _lastNumbers.RemoveRange(count, _lastNumbers.Count - count);
    }

    private uint NumberOf(ReadOnlySpan<byte> text)
    {
        return _symbols.TryFind(text, out var number)
            ? number
            : throw new InvalidOperationException("a label was not among the symbols: the source gave other series in its second pass than in its first");
    }

    private void WriteSymbols()
    {
        long length = sizeof(uint);
        for (var i = 0u; i < _symbols.Count; i++)
        {
            length += SizeOf(_symbols[i]);
        }

        _file.BeginSection(length);
        _file.UInt32((uint)_symbols.Count);
        for (var i = 0u; i < _symbols.Count; i++)
        {
            _file.Text(_symbols[i]);
        }

        _file.EndChecksum();
    }

    /// <summary>The values of every label. Nobody reads these lists any more, but Prometheus 2.42 writes them.</summary>
    private List<(uint Name, long Offset)> WriteLabelIndices(PostingsFile postings)
    {
        var table = new List<(uint Name, long Offset)>();
        foreach (var (name, lists) in postings.Labels)
        {
            _file.Pad(sizeof(uint));
            table.Add((name, _file.Position));
            _file.BeginSection((2 + (long)lists.Count) * sizeof(uint));
            _file.UInt32(1);
            _file.UInt32((uint)lists.Count);
            foreach (var (value, _) in lists)
            {
                _file.UInt32(value);
            }

            _file.EndChecksum();
        }

        return table;
    }

    private void WriteLabelIndexTable(List<(uint Name, long Offset)> table)
    {
        _file.BeginSection(sizeof(uint) + table.Sum(entry => 1 + SizeOf(_symbols[entry.Name]) + SizeOf((ulong)entry.Offset)));
        _file.UInt32((uint)table.Count);
        foreach (var (name, offset) in table)
        {
            _file.UVarint(1);
            _file.Text(_symbols[name]);
            _file.UVarint((ulong)offset);
        }

        _file.EndChecksum();
    }

    /// <summary>Every list's place: lists follow each other without a gap, so the counts of their entries give it.</summary>
    private void WritePostingsTable(PostingsFile postings, long listsAt)
    {
        long length = sizeof(uint) + 3 + SizeOf((ulong)listsAt);
        uint count = 1;
        foreach (var (name, value, offset) in postings.Places(listsAt))
        {
            length += 1 + SizeOf(_symbols[name]) + SizeOf(_symbols[value]) + SizeOf((ulong)offset);
            count++;
        }

        _file.BeginSection(length);
        _file.UInt32(count);
        _file.UVarint(2);
        _file.Text([]);
        _file.Text([]);
        _file.UVarint((ulong)listsAt);
        foreach (var (name, value, offset) in postings.Places(listsAt))
        {
            _file.UVarint(2);
            _file.Text(_symbols[name]);
            _file.Text(_symbols[value]);
            _file.UVarint((ulong)offset);
        }

        _file.EndChecksum();
    }

    private static int SizeOf(ReadOnlySpan<byte> text) => SizeOf((ulong)text.Length) + text.Length;

    private static int SizeOf(ulong value) => (64 - BitOperations.LeadingZeroCount(value | 1) + 6) / 7;
}
