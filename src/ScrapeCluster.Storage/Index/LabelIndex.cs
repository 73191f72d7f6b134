using System.Collections.Concurrent;
using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Index;

/// <summary>
/// Label names, values and their pairs. The writer interns and releases; readers look up at any time and see a pair before
/// the first series that has it.
/// </summary>
internal sealed class LabelIndex
{
    private const int PageLog2 = 10;
    private const int PagePairs = 1 << PageLog2;

    private readonly ConcurrentDictionary<byte[], LabelName> _names = new(concurrencyLevel: 1, capacity: 64, Utf8Comparer.Instance);
    private readonly Stack<uint> _freeIds = new();
    private LabelPair?[][] _pages = [new LabelPair?[PagePairs]];
    private uint _end = 1;

    /// <summary>By enumeration: the dictionary's own list of values would lock the writer out meanwhile.</summary>
    public IEnumerable<LabelName> Names
    {
        get
        {
            foreach (var (_, name) in _names)
            {
                yield return name;
            }
        }
    }

    public int PairCount => (int)_end - 1 - _freeIds.Count;

    public LabelName? FindName(ReadOnlySpan<byte> name)
    {
        return _names.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var found) ? found : null;
    }

    public LabelPair? FindPair(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        return FindName(name)?.Values.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(value, out var pair) == true ? pair : null;
    }

    public LabelPair this[uint id] => _pages[id >> PageLog2][id & (PagePairs - 1)]!;

    /// <summary>The pair ids of a label set, in its order; new pairs are added.</summary>
    public ReadOnlySpan<uint> Intern(Labels labels, Span<uint> ids)
    {
        var count = 0;
        foreach (var label in labels)
        {
            ids[count++] = Intern(label.Name, label.Value);
        }

        return ids[..count];
    }

    /// <summary>The pair ids of a label set; false when a pair is not there, so that no series has this set.</summary>
    public bool TryFind(Labels labels, Span<uint> ids)
    {
        var count = 0;
        foreach (var label in labels)
        {
            if (FindPair(label.Name, label.Value) is not { } pair)
            {
                return false;
            }

            ids[count++] = pair.Id;
        }

        return true;
    }

    public Labels ToLabels(ReadOnlySpan<uint> ids)
    {
        var builder = new LabelsBuilder();
        foreach (var id in ids)
        {
            var pair = this[id];
            builder.Add(pair.Name.Name, pair.Value);
        }

        return builder.ToLabels();
    }

    /// <summary>Takes a pair without series out of the dictionaries. Its id stays valid until <see cref="FreeId"/>.</summary>
    public void Remove(LabelPair pair)
    {
        pair.Name.Values.TryRemove(pair.Value, out _);
        if (pair.Name.Values.IsEmpty)
        {
            _names.TryRemove(pair.Name.Name, out _);
        }
    }

    public void FreeId(uint id)
    {
        _pages[id >> PageLog2][id & (PagePairs - 1)] = null;
        _freeIds.Push(id);
    }

    private uint Intern(ReadOnlySpan<byte> nameBytes, ReadOnlySpan<byte> value)
    {
        var name = FindName(nameBytes);
        if (name is null)
        {
            name = new LabelName(nameBytes.ToArray());
            _names[name.Name] = name;
        }

        if (name.Values.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(value, out var pair))
        {
            return pair.Id;
        }

        var id = AllocateId();
        pair = new LabelPair(name, value.ToArray(), id);
        _pages[id >> PageLog2][id & (PagePairs - 1)] = pair;
        name.Values[pair.Value] = pair;
        return id;
    }

    private uint AllocateId()
    {
        if (_freeIds.TryPop(out var id))
        {
            return id;
        }

        if (_end >> PageLog2 == _pages.Length)
        {
            Volatile.Write(ref _pages, [.. _pages, new LabelPair?[PagePairs]]);
        }

        return _end++;
    }
}
