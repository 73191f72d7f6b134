using System.Text;

namespace ScrapeCluster.Model;

/// <summary>
/// A label set under construction. Reusable: <see cref="Clear"/> keeps the buffers. Setting an empty value deletes the label.
/// Names and values are UTF-8 bytes in one growing buffer; the string overloads encode into it.
/// Not safe for concurrent use. Spans handed out are valid until the next change.
/// </summary>
public sealed class LabelsBuilder
{
    private const int LongestInsertionSort = 64;

    private byte[] _text = new byte[512];
    private Entry[] _entries = new Entry[16];
    private int _textLength;
    private int _count;

    private record struct Entry(int NameStart, int NameLength, int ValueStart, int ValueLength);

    public int Count => _count;

    public void Clear()
    {
        _textLength = 0;
        _count = 0;
    }

    public void Reset(Labels labels)
    {
        Clear();
        foreach (var label in labels)
        {
            Add(label.Name, label.Value);
        }
    }

    /// <summary>Appends without looking for an equal name: for input that cannot repeat one, or is checked afterwards by <see cref="HasDuplicateNames"/>. Empty values are kept until <see cref="ToLabels"/>.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        var nameStart = Store(name);
        _entries[_count++] = new Entry(nameStart, name.Length, Store(value), value.Length);
    }

    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name);
        if (value.IsEmpty)
        {
            if (index >= 0)
            {
                RemoveAt(index);
            }

            return;
        }

        if (index < 0)
        {
            Add(name, value);
            return;
        }

        ref var entry = ref _entries[index];
        entry.ValueStart = Store(value);
        entry.ValueLength = value.Length;
    }

    public void Set(string name, string value)
    {
        Set(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
    }

    public void Delete(ReadOnlySpan<byte> name) => Set(name, default);

    public void Delete(string name) => Set(Encoding.UTF8.GetBytes(name), default);

    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name);
        value = index < 0 ? default : ValueAt(index);
        return index >= 0;
    }

    /// <summary>The value, or the empty string when the label is absent.</summary>
    public string Get(string name)
    {
        return TryGet(Encoding.UTF8.GetBytes(name), out var value) ? Encoding.UTF8.GetString(value) : "";
    }

    public ReadOnlySpan<byte> NameAt(int index) => _text.AsSpan(_entries[index].NameStart, _entries[index].NameLength);

    public ReadOnlySpan<byte> ValueAt(int index) => _text.AsSpan(_entries[index].ValueStart, _entries[index].ValueLength);

    public void RemoveAt(int index)
    {
        _count--;
        Array.Copy(_entries, index + 1, _entries, index, _count - index);
    }

    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _count; i++)
        {
            if (NameAt(i).SequenceEqual(name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>True when a name stands in the set more than once; sorts the set by name.</summary>
    public bool HasDuplicateNames()
    {
        Sort();
        for (var i = 1; i < _count; i++)
        {
            if (NameAt(i).SequenceEqual(NameAt(i - 1)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The finished set: sorted, empty values left out.</summary>
    public Labels ToLabels()
    {
        Sort();
        var size = 0;
        var count = 0;
        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].ValueLength > 0)
            {
                size += PackedText.Size(_entries[i].NameLength) + PackedText.Size(_entries[i].ValueLength);
                count++;
            }
        }

        if (count == 0)
        {
            return Labels.Empty;
        }

        var packed = new byte[size];
        var at = 0;
        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].ValueLength > 0)
            {
                at += PackedText.Write(packed.AsSpan(at), NameAt(i));
                at += PackedText.Write(packed.AsSpan(at), ValueAt(i));
            }
        }

        return new Labels(packed, count);
    }

    /// <summary>Insertion sort, since sets are short and mostly sorted already; a target may send a line of a million labels, so not for long ones.</summary>
    public void Sort()
    {
        if (_count > LongestInsertionSort)
        {
            // Span.Sort is not stable: of equal names the one added first stays first by its place in the text.
            _entries.AsSpan(0, _count).Sort((x, y) =>
            {
                var order = _text.AsSpan(x.NameStart, x.NameLength).SequenceCompareTo(_text.AsSpan(y.NameStart, y.NameLength));
                return order != 0 ? order : x.NameStart.CompareTo(y.NameStart);
            });
            return;
        }

        for (var i = 1; i < _count; i++)
        {
            var entry = _entries[i];
            var name = _text.AsSpan(entry.NameStart, entry.NameLength);
            var j = i - 1;
            while (j >= 0 && NameAt(j).SequenceCompareTo(name) > 0)
            {
                _entries[j + 1] = _entries[j];
                j--;
            }

            _entries[j + 1] = entry;
        }
    }

    private int Store(ReadOnlySpan<byte> text)
    {
        var start = _textLength;
        if (start + text.Length > _text.Length)
        {
            // The old array stays alive while `text` borrows from it, so a value may be copied from this very builder.
            var grown = new byte[Math.Max(_text.Length * 2, start + text.Length)];
            _text.AsSpan(0, start).CopyTo(grown);
            _text = grown;
        }

        text.CopyTo(_text.AsSpan(start));
        _textLength += text.Length;
        return start;
    }
}
