using System.Buffers.Binary;
using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// The symbols of a new index: gathered in any order, then numbered in the order of their bytes. Texts lie in large pages, each behind
/// its length: with their entries some 20 bytes more than the text itself, and no object a text.
/// </summary>
internal sealed class SymbolSet
{
    private const int PageLog2 = 20;
    private const int PageBytes = 1 << PageLog2;
    private const int MaxPages = 1 << (32 - PageLog2);
    private const int LengthBytes = sizeof(int);

    private readonly ulong _seed = unchecked((ulong)Random.Shared.NextInt64());
    private readonly List<byte[]> _pages = [];
    private int _pageUsed = PageBytes;

    /// <summary>Where the text of an entry is (page above, offset below), and its hash; entries are counted from 0.</summary>
    private uint[] _places = new uint[1024];
    private uint[] _hashes = new uint[1024];

    /// <summary>Open addressing: entry + 1, or 0.</summary>
    private uint[] _slots = new uint[2048];

    /// <summary>After <see cref="Seal"/>: entries by number, and numbers by entry.</summary>
    private uint[] _sorted = [];
    private uint[] _numbers = [];

    public int Count { get; private set; }

    /// <summary>By number, after <see cref="Seal"/>.</summary>
    public ReadOnlySpan<byte> this[uint number] => TextOf(_sorted[number]);

    public void Add(ReadOnlySpan<byte> text)
    {
        var hash = HashOf(text);
        var slot = Find(text, hash);
        if (_slots[slot] != 0)
        {
            return;
        }

        if (Count == _places.Length)
        {
            Array.Resize(ref _places, Count * 2);
            Array.Resize(ref _hashes, Count * 2);
        }

        _places[Count] = Store(text);
        _hashes[Count] = hash;
        _slots[slot] = (uint)++Count;
        if (Count * 4L > _slots.Length * 3L)
        {
            Grow();
        }
    }

    /// <summary>Adds names and values, but for what the series before has at the same place: in sorted series that is most of it.</summary>
    public void Add(Labels labels, Labels before)
    {
        var last = before.GetEnumerator();
        foreach (var label in labels)
        {
            var isNamed = last.MoveNext() && last.Current.Name.SequenceEqual(label.Name);
            if (!isNamed)
            {
                Add(label.Name);
            }

            if (!isNamed || !last.Current.Value.SequenceEqual(label.Value))
            {
                Add(label.Value);
            }
        }
    }

    /// <summary>Numbers all symbols; none can be added any more.</summary>
    public void Seal()
    {
        _sorted = new uint[Count];
        var leads = new ulong[Count];
        for (var entry = 0u; entry < Count; entry++)
        {
            _sorted[entry] = entry;
            leads[entry] = LeadOf(TextOf(entry));
        }

        // By the first eight bytes at once, then what is still equal by all bytes.
        Array.Sort(leads, _sorted);
        for (var from = 0; from < Count;)
        {
            var to = from + 1;
            while (to < Count && leads[to] == leads[from])
            {
                to++;
            }

            if (to - from > 1)
            {
                _sorted.AsSpan(from, to - from).Sort((left, right) => TextOf(left).SequenceCompareTo(TextOf(right)));
            }

            from = to;
        }

        _numbers = new uint[Count];
        for (var number = 0u; number < Count; number++)
        {
            _numbers[_sorted[number]] = number;
        }
    }

    /// <summary>After <see cref="Seal"/>; false for a text that was never added.</summary>
    public bool TryFind(ReadOnlySpan<byte> text, out uint number)
    {
        var entry = _slots[Find(text, HashOf(text))];
        number = entry == 0 ? 0 : _numbers[entry - 1];
        return entry != 0;
    }

    private uint HashOf(ReadOnlySpan<byte> text) => (uint)(XxHash64.Hash(text, _seed) >> 32);

    /// <summary>The slot that has the text, or the empty one where it belongs.</summary>
    private int Find(ReadOnlySpan<byte> text, uint hash)
    {
        for (var slot = (int)(hash & (uint)(_slots.Length - 1)); ; slot = (slot + 1) & (_slots.Length - 1))
        {
            var entry = _slots[slot];
            if (entry == 0 || (_hashes[entry - 1] == hash && TextOf(entry - 1).SequenceEqual(text)))
            {
                return slot;
            }
        }
    }

    private ReadOnlySpan<byte> TextOf(uint entry)
    {
        var place = _places[entry];
        var page = _pages[(int)(place >> PageLog2)].AsSpan((int)(place & (PageBytes - 1)));
        return page.Slice(LengthBytes, BinaryPrimitives.ReadInt32LittleEndian(page));
    }

    /// <summary>A text that is longer than a page gets one of its own size.</summary>
    private uint Store(ReadOnlySpan<byte> text)
    {
        var size = LengthBytes + text.Length;
        if (PageBytes - _pageUsed < size)
        {
            if (_pages.Count == MaxPages)
            {
                throw new IOException("the label names and values of a block take more than 4 GiB, which the format does not allow");
            }

            _pages.Add(new byte[Math.Max(PageBytes, size)]);
            _pageUsed = 0;
        }

        var page = _pages[^1].AsSpan(_pageUsed);
        BinaryPrimitives.WriteInt32LittleEndian(page, text.Length);
        text.CopyTo(page[LengthBytes..]);
        var place = ((uint)(_pages.Count - 1) << PageLog2) | (uint)_pageUsed;
        _pageUsed += size;
        return place;
    }

    private void Grow()
    {
        var slots = new uint[_slots.Length * 2];
        for (var entry = 0u; entry < Count; entry++)
        {
            var slot = (int)(_hashes[entry] & (uint)(slots.Length - 1));
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & (slots.Length - 1);
            }

            slots[slot] = entry + 1;
        }

        _slots = slots;
    }

    /// <summary>The first eight bytes as a number of the same order; zeros behind a shorter text leave it no later than its continuations.</summary>
    private static ulong LeadOf(ReadOnlySpan<byte> text)
    {
        if (text.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64BigEndian(text);
        }

        Span<byte> lead = stackalloc byte[sizeof(ulong)];
        lead.Clear();
        text.CopyTo(lead);
        return BinaryPrimitives.ReadUInt64BigEndian(lead);
    }
}
