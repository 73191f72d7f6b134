using System.Buffers;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>The loose form: look-up by text, lines in any order, new ones.</summary>
internal sealed partial class SeriesCache
{
    /// <summary>A guess at the length of a line; fewer only cost a copy.</summary>
    private const int LikelyLineBytes = 64;

    private bool _isLoose;

    // In the loose form alone. Open addressing with linear probing; a slot holds id + 1, 0 is free. At most two thirds are taken.
    private int[] _slots = [];
    private int _slotMask;
    private int[] _next = [];
    private TextPlace[] _places = [];

    // The last block in the loose form: the only one that is written to.
    private byte[] _tail = [];
    private int _tailLength;

    /// <summary>All arrays are out of a pool: those of a first page, which leaves the loose form at the end of its round.</summary>
    private bool _areBorrowed;

    /// <summary>A line of this round did not come as expected.</summary>
    private bool _strayed;

    private readonly record struct TextPlace(int Block, int Start);

    /// <summary>
    /// Makes room for a first page at once, in borrowed arrays, which the round's end gives back for ones of the right size: a thousand first pages would
    /// else leave more garbage than they leave series, in the generation that is looked at last.
    /// </summary>
    public void Expect(int pageBytes)
    {
        if (_entryCount > 0 || _isLoose)
        {
            return;
        }

        _areBorrowed = true;
        Loosen();
        GrowTail(pageBytes);
        GrowEntries(Math.Max(16, pageBytes / LikelyLineBytes));
    }

    /// <summary>The id of the entry with this text, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        _strayed = true;
        if (_entryCount == 0)
        {
            return -1;
        }

        Loosen();
        for (var slot = HomeSlot(text); _slots[slot] != 0; slot = (slot + 1) & _slotMask)
        {
            var id = _slots[slot] - 1;
            if (TextOf(id).SequenceEqual(text))
            {
                return id;
            }
        }

        return -1;
    }

    private int AddLoose(ReadOnlySpan<byte> text, SeriesEntry entry, int next)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, LongestTextBytes);
        Loosen();
        MakeRoom(text.Length + TextBlock.MostLengthBytes);
        var id = _entryCount++;
        _entries[id] = entry;
        _next[id] = next;
        _places[id] = new TextPlace(_blocks.Length - 1, _tailLength);
        _tailLength = TextBlock.Write(_tail, _tailLength, text);
        _textBytes += text.Length;
        InsertSlot(id);
        return id;
    }

    /// <summary>From the packed form; nothing when it is loose.</summary>
    private void Loosen()
    {
        if (_isLoose)
        {
            return;
        }

        _isLoose = true;
        _quietRounds = 0;
        _next = new int[_entryCount];
        _places = new TextPlace[_entryCount];
        var id = 0;
        for (var block = 0; block < _blocks.Length; block++)
        {
            for (var at = 0; at < _blocks[block].Length; id++)
            {
                _places[id] = new TextPlace(block, at);
                _next[id] = id + 1;
                at = TextBlock.LengthAt(_blocks[block], ref at) + at;
            }
        }

        if (_entryCount > 0)
        {
            _next[^1] = -1;
        }

        _blocks = [.. _blocks, _tail];
        RebuildSlots();
    }

    private void Link(int id)
    {
        if (_previous < 0)
        {
            _head = id;
        }
        else
        {
            _next[_previous] = id;
        }
    }

    private int HomeSlot(ReadOnlySpan<byte> text) => (int)XxHash64.Hash(text, hashSeed) & _slotMask;

    private void InsertSlot(int id)
    {
        if (Count * 3L > (_slotMask + 1) * 2L)
        {
            RebuildSlots();
            return;
        }

        var slot = HomeSlot(TextOf(id));
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & _slotMask;
        }

        _slots[slot] = id + 1;
    }

    private void RebuildSlots()
    {
        var size = 16;
        while (Count * 3L > size * 2L)
        {
            size *= 2;
        }

        if (_areBorrowed)
        {
            ArrayPool<int>.Shared.Return(_slots);
            _slots = ArrayPool<int>.Shared.Rent(size);
            _slots.AsSpan(0, size).Clear();
        }
        else
        {
            _slots = new int[size];
        }

        _slotMask = size - 1;
        for (var id = 0; id < _entryCount; id++)
        {
            if (!_entries[id].Has(SeriesFlags.Deleted))
            {
                InsertSlot(id);
            }
        }
    }

    /// <summary>Closes the gap behind a freed slot, so that probing never needs tombstones.</summary>
    private void RemoveSlot(int id)
    {
        var free = HomeSlot(TextOf(id));
        while (_slots[free] != id + 1)
        {
            free = (free + 1) & _slotMask;
        }

        for (var slot = (free + 1) & _slotMask; _slots[slot] != 0; slot = (slot + 1) & _slotMask)
        {
            var home = HomeSlot(TextOf(_slots[slot] - 1));
            if (((slot - home) & _slotMask) >= ((slot - free) & _slotMask))
            {
                _slots[free] = _slots[slot];
                free = slot;
            }
        }

        _slots[free] = 0;
    }

    private void DeleteUnseen()
    {
        Loosen();
        for (var id = 0; id < _entryCount; id++)
        {
            ref var entry = ref _entries[id];
            if (entry.Stamp != _stamp && !entry.Has(SeriesFlags.Deleted))
            {
                RemoveSlot(id);
                _deadCount++;
                _deadTextBytes += TextOf(id).Length;
                entry = new SeriesEntry(SeriesFlags.Deleted, stamp: 0);
            }
        }
    }

    private void MakeRoom(int textBytes)
    {
        if (_entryCount == Math.Min(_entries.Length, Math.Min(_next.Length, _places.Length)))
        {
            GrowEntries(_entryCount + (_entryCount / 8) + 16);
        }

        if (_tailLength > Array.MaxLength - textBytes)
        {
            throw new OutOfMemoryException("The series of one target hold more text than one array can: set sample_limit or body_size_limit for its job.");
        }

        if (_tailLength + textBytes > _tail.Length)
        {
            GrowTail((int)Math.Min(Array.MaxLength, Math.Max(1024, _tailLength + textBytes + (_tailLength / 4L))));
        }
    }

    private void GrowEntries(int count)
    {
        Grow(ref _entries, _entryCount, count);
        Grow(ref _next, _entryCount, count);
        Grow(ref _places, _entryCount, count);
    }

    private void GrowTail(int lengthBytes)
    {
        Grow(ref _tail, _tailLength, lengthBytes);
        _blocks[^1] = _tail;
    }

    private void Grow<T>(ref T[] array, int used, int count)
    {
        if (!_areBorrowed)
        {
            Array.Resize(ref array, count);
            return;
        }

        var grown = ArrayPool<T>.Shared.Rent(count);
        array.AsSpan(0, used).CopyTo(grown);
        ArrayPool<T>.Shared.Return(array);
        array = grown;
    }
}
