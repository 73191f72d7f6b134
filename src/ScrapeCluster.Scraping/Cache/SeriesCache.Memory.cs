using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>Look-up by text and the care of the arrays.</summary>
internal sealed partial class SeriesCache
{
    // Open addressing with linear probing; a slot holds id + 1, 0 is free. At most two thirds are taken.
    private int[] _slots = [];

    /// <summary>The id of the entry with this text, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        if (_slots.Length == 0)
        {
            return -1;
        }

        var mask = _slots.Length - 1;
        for (var slot = HomeSlot(text); _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var id = _slots[slot] - 1;
            if (TextOf(id).SequenceEqual(text))
            {
                return id;
            }
        }

        return -1;
    }

    private int HomeSlot(ReadOnlySpan<byte> text) => (int)XxHash64.Hash(text, hashSeed) & (_slots.Length - 1);

    private void InsertSlot(int id)
    {
        if (Count * 3L > _slots.Length * 2L)
        {
            RebuildSlots();
            return;
        }

        var mask = _slots.Length - 1;
        var slot = HomeSlot(TextOf(id));
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
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

        _slots = new int[size];
        for (var id = 0; id < _entryCount; id++)
        {
            if (_entries[id].TextLength > 0)
            {
                InsertSlot(id);
            }
        }
    }

    /// <summary>Closes the gap behind a freed slot, so that probing never needs tombstones.</summary>
    private void RemoveSlot(int id)
    {
        var mask = _slots.Length - 1;
        var free = HomeSlot(TextOf(id));
        while (_slots[free] != id + 1)
        {
            free = (free + 1) & mask;
        }

        for (var slot = (free + 1) & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var home = HomeSlot(TextOf(_slots[slot] - 1));
            if (((slot - home) & mask) >= ((slot - free) & mask))
            {
                _slots[free] = _slots[slot];
                free = slot;
            }
        }

        _slots[free] = 0;
    }

    private void MakeRoom(int textBytes)
    {
        if (_entryCount == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(16, _entryCount + (_entryCount / 2)));
        }

        if (_textLength > Array.MaxLength - textBytes)
        {
            throw new OutOfMemoryException("The series of one target hold more text than one array can: set sample_limit or body_size_limit for its job.");
        }

        if (_textLength + textBytes > _text.Length)
        {
            Array.Resize(ref _text, (int)Math.Min(Array.MaxLength, Math.Max(1024, _textLength + textBytes + (_textLength / 2L))));
        }
    }

    private void DeleteUnseen()
    {
        for (var id = 0; id < _entryCount; id++)
        {
            ref var entry = ref _entries[id];
            if (entry.LastSeen != _round && entry.TextLength > 0)
            {
                RemoveSlot(id);
                _deadCount++;
                _deadTextBytes += entry.TextLength;
                entry.TextLength = 0;
                entry.Flags = SeriesFlags.None;
            }
        }

        if (_deadCount > 32 + (_entryCount / 4) || _deadTextBytes > 4096 + (_textLength / 4))
        {
            Compact();
        }
    }

    /// <summary>Copies what lives into new arrays, in the order of exposition as the successors tell it.</summary>
    private void Compact()
    {
        var entries = new SeriesEntry[Count];
        var text = new byte[_textLength - _deadTextBytes];
        var copied = 0;
        var textLength = 0;
        for (var id = _head; id >= 0 && _entries[id].TextLength > 0; id = _entries[id].Next)
        {
            Move(id);
        }

        // What the chain did not reach: lines that stand twice in the page bend it.
        for (var id = 0; id < _entryCount; id++)
        {
            if (_entries[id].TextLength > 0)
            {
                Move(id);
            }
        }

        _entries = entries;
        _text = text;
        _textLength = textLength;
        _entryCount = copied;
        _deadCount = 0;
        _deadTextBytes = 0;
        _head = copied > 0 ? 0 : -1;
        if (copied > 0)
        {
            entries[copied - 1].Next = -1;
        }

        RebuildSlots();

        void Move(int id)
        {
            ref var entry = ref _entries[id];
            TextOf(id).CopyTo(text.AsSpan(textLength));
            entries[copied] = entry with { TextStart = textLength, Next = copied + 1 };
            textLength += entry.TextLength;
            copied++;
            entry.TextLength = 0;
        }
    }

    /// <summary>Gives back what growing left over once the page stands still.</summary>
    private void Trim()
    {
        if (_entries.Length > _entryCount + 16 + (_entryCount / 8))
        {
            Array.Resize(ref _entries, _entryCount);
        }

        if (_text.Length > _textLength + 256 + (_textLength / 16))
        {
            Array.Resize(ref _text, _textLength);
        }
    }
}
