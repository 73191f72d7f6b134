using System.Runtime.CompilerServices;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>A label as a request of remote write 2.0 has it.</summary>
internal struct LabelRef
{
    /// <summary>The number of the request that took the entry above, the label's number below.</summary>
    public ulong Key;

    /// <summary>The references of name and value as varints, lowest byte first.</summary>
    public ulong Bytes;
    public int Length;

    /// <summary>Of a metric's name: 1 + the number of its metadata in the request; 0 before it was looked for.</summary>
    public int Metadata;
}

/// <summary>
/// The labels of one store that a request has had, by their numbers. A table of the request's size, not of the store's: a million labels would
/// cost every shard some 20 MB. Stamps make a new request cost nothing.
/// </summary>
internal sealed class LabelRefs
{
    private const int StampShift = 32;

    private LabelRef[] _slots = new LabelRef[1024];
    private int _count;
    private ulong _stamp = 1ul << StampShift;

    /// <summary>For the next request, or for another store.</summary>
    public void Clear()
    {
        _count = 0;
        _stamp += 1ul << StampShift;
        if (_stamp == 0)
        {
            Array.Clear(_slots);
            _stamp = 1ul << StampShift;
        }
    }

    /// <summary>The entry of a label; a new one has no length yet. Valid until the next call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref LabelRef Entry(uint label)
    {
        var slots = _slots;
        ref var entry = ref slots[Home(label) & (slots.Length - 1)];
        if (entry.Key != (_stamp | label))
        {
            entry = ref Search(label);
        }

        return ref entry;
    }

    private ref LabelRef Search(uint label)
    {
        var slots = _slots;
        var key = _stamp | label;
        for (var slot = Home(label); ; slot++)
        {
            ref var entry = ref slots[slot & (slots.Length - 1)];
            if (entry.Key < _stamp)
            {
                if (_count >= slots.Length / 2)
                {
                    Grow();
                    return ref Search(label);
                }

                _count++;
                entry = new LabelRef { Key = key };
                return ref entry;
            }

            if (entry.Key == key)
            {
                return ref entry;
            }
        }
    }

    /// <summary>Sixteen labels that were stored one after the other stand together; such groups are spread.</summary>
    private static int Home(uint label) => unchecked((int)((label & 15) + ((((label >> 4) * 0x9E3779B1) >> 8) & ~15u)));

    private void Grow()
    {
        var slots = _slots;
        _slots = new LabelRef[slots.Length * 2];
        _count = 0;
        foreach (ref readonly var entry in slots.AsSpan())
        {
            if (entry.Key >= _stamp)
            {
                Search((uint)entry.Key) = entry;
            }
        }
    }
}
