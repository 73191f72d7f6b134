using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>
/// Label sets as they go over the wire. Each label is encoded once, however many series have it, and a set is the list of its labels' numbers: a million
/// series of a thousand targets take some 40 bytes each instead of some 200. For remote write 2.0 a label also knows the symbols of its name and its value,
/// which are parts of encoded labels. One thread adds. A shard reads what stood here when it was given a sample, so nothing is ever changed or used again:
/// to forget, what is still needed is copied to another store.
/// </summary>
internal sealed class LabelStore(bool withSymbols = false)
{
    /// <summary>Sets stand at this place or behind it; smaller numbers are free for others to use as marks.</summary>
    public const uint FirstPlace = 2;

    private const int RunPageLog2 = 15;
    private const int RunPageNumbers = 1 << RunPageLog2;

    /// <summary>Number of labels and place of the metric's name among them, and length in bytes, in front of every set.</summary>
    private const int HeaderNumbers = 2;

    /// <summary>Above the number of labels: 1 + the place of the metric's name, 0 without one or when it stands too far behind.</summary>
    private const int NameShift = 24;
    private const uint CountMask = (1u << NameShift) - 1;
    private const int LastName = 254;

    private static ReadOnlySpan<byte> MetricName => "__name__"u8;

    private readonly NumberTable _numbers = new();
    private readonly NumberTable _symbolNumbers = new();

    /// <summary>The labels as fields of a time series of 1.0; of each its length above and its place below.</summary>
    private readonly PagedBytes _bytes = new();
    private readonly PagedList<ulong> _labels = new();

    /// <summary>By label: symbol of the name above, of the value below.</summary>
    private readonly PagedList<ulong> _symbolsOfLabels = new();

    /// <summary>By symbol: its hash above; below, a label that has it, doubled, and 1 more when it is the label's value.</summary>
    private readonly PagedList<ulong> _symbols = new();

    /// <summary>Pages are filled and never moved; the outer array is replaced when it grows.</summary>
    private uint[][] _runs = [];
    private uint _end = FirstPlace;
    private byte[] _scratch = new byte[256];

    /// <summary>Stores the set, which must not be empty, and returns its place.</summary>
    public uint Add(Labels labels)
    {
        var place = Allocate(labels.Count);
        var run = RunAt(place, labels.Count + HeaderNumbers);
        var at = HeaderNumbers;
        var length = 0;
        var name = 0u;
        foreach (var label in labels)
        {
            if (label.Name.SequenceEqual(MetricName) && at - HeaderNumbers <= LastName)
            {
                name = (uint)(at - HeaderNumbers + 1);
            }

            var encoded = Encode(label);
            length += encoded.Length;
            run[at++] = NumberOf(encoded);
        }

        (run[0], run[1]) = ((uint)labels.Count | (name << NameShift), (uint)length);
        return place;
    }

    /// <summary>Stores a set of another store.</summary>
    public uint Add(LabelStore other, uint place)
    {
        var source = other.RunAt(place, other.CountOf(place) + HeaderNumbers);
        var copy = Allocate(source.Length - HeaderNumbers);
        var run = RunAt(copy, source.Length);
        (run[0], run[1]) = (source[0], source[1]);
        for (var i = HeaderNumbers; i < run.Length; i++)
        {
            run[i] = NumberOf(other.LabelOf(source[i]));
        }

        return copy;
    }

    /// <summary>Length of the set's label fields in bytes.</summary>
    public int LengthOf(uint place) => (int)RunAt(place, HeaderNumbers)[1];

    /// <summary>Writes the label fields, in the order of the names' bytes; needs room for <see cref="PagedBytes.Slack"/> bytes more.</summary>
    public void CopyTo(uint place, Span<byte> destination)
    {
        var at = 0;
        foreach (var number in LabelsOf(place, out _))
        {
            var label = _labels[number];
            var length = (int)(label >> 32);
            _bytes.CopyTo((uint)label, length, destination[at..]);
            at += length;
        }
    }

    /// <summary>The numbers of the set's labels, in the order of the names' bytes.</summary>
    /// <param name="nameAt">Which of them is the metric's name; -1 without one.</param>
    public ReadOnlySpan<uint> LabelsOf(uint place, out int nameAt)
    {
        var page = _runs[place >> RunPageLog2];
        var at = (int)(place & (RunPageNumbers - 1));
        var head = page[at];
        nameAt = (int)(head >> NameShift) - 1;
        return page.AsSpan(at + HeaderNumbers, (int)(head & CountMask));
    }

    /// <summary>Only with symbols.</summary>
    public (uint Name, uint Value) SymbolsOf(uint label)
    {
        var symbols = _symbolsOfLabels[label];
        return ((uint)(symbols >> 32), (uint)symbols);
    }

    /// <summary>The symbol with its length in front.</summary>
    public ReadOnlySpan<byte> TextOf(uint symbol, out uint hash)
    {
        var found = _symbols[symbol];
        hash = (uint)(found >> 32);
        var label = LabelOf((uint)found >> 1);
        return (found & 1) == 0 ? NameIn(label) : ValueIn(label);
    }

    private int CountOf(uint place) => (int)(RunAt(place, HeaderNumbers)[0] & CountMask);

    private Span<uint> RunAt(uint place, int length) => _runs[place >> RunPageLog2].AsSpan((int)(place & (RunPageNumbers - 1)), length);

    private ReadOnlySpan<byte> LabelOf(uint number)
    {
        var label = _labels[number];
        return _bytes.At((uint)label, (int)(label >> 32));
    }

    private static ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> label)
    {
        Protobuf.ReadVarint(label[1..], out var prefix);
        return Text(label[(1 + prefix + 1)..]);
    }

    private static ReadOnlySpan<byte> ValueIn(ReadOnlySpan<byte> label)
    {
        Protobuf.ReadVarint(label[1..], out var prefix);
        label = label[(1 + prefix + 1)..];
        return label[(Text(label).Length + 1)..];
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> source)
    {
        var length = (int)Protobuf.ReadVarint(source, out var prefix);
        return source[..(prefix + length)];
    }

    /// <summary>Room within one page; a set longer than a page gets one of its own size.</summary>
    private uint Allocate(int count)
    {
        var length = count + HeaderNumbers;
        if (_end >> RunPageLog2 >= _runs.Length || RunPageNumbers - (_end & (RunPageNumbers - 1)) < (uint)length)
        {
            _end = Math.Max(FirstPlace, (uint)_runs.Length << RunPageLog2);
            var room = _runs.Length == 0 ? length + (int)FirstPlace : length;
            Volatile.Write(ref _runs, [.. _runs, new uint[Math.Max(RunPageNumbers, room)]]);
        }

        var place = _end;
        _end += (uint)length;
        return place;
    }

    private ReadOnlySpan<byte> Encode(LabelSpan label)
    {
        var length = WriteRequestEncoder.MaxLabelLength(label);
        if (_scratch.Length < length)
        {
            _scratch = new byte[length * 2];
        }

        return _scratch.AsSpan(0, WriteRequestEncoder.WriteLabel(_scratch, label));
    }

    private uint NumberOf(ReadOnlySpan<byte> encoded)
    {
        var hash = TextHash.Of(encoded);
        var slot = _numbers.Start(hash);
        while (_numbers.TryNext(hash, ref slot, out var known))
        {
            if (LabelOf(known).SequenceEqual(encoded))
            {
                return known;
            }
        }

        var number = _labels.Add(((ulong)encoded.Length << 32) | _bytes.Add(encoded));
        _numbers.Add(hash, number);
        if (withSymbols)
        {
            _symbolsOfLabels.Add(((ulong)SymbolOf(NameIn(encoded), number << 1) << 32) | SymbolOf(ValueIn(encoded), (number << 1) | 1));
        }

        return number;
    }

    /// <param name="owner">As in <see cref="_symbols"/>, for a text that is new.</param>
    private uint SymbolOf(ReadOnlySpan<byte> text, uint owner)
    {
        var hash = TextHash.Of(text);
        var slot = _symbolNumbers.Start(hash);
        while (_symbolNumbers.TryNext(hash, ref slot, out var known))
        {
            if (TextOf(known, out _).SequenceEqual(text))
            {
                return known;
            }
        }

        var symbol = _symbols.Add(((ulong)hash << 32) | owner);
        _symbolNumbers.Add(hash, symbol);
        return symbol;
    }
}
