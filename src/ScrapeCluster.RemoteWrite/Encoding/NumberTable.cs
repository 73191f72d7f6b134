namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>
/// Numbers by the hashes of what they stand for: the caller compares that itself, so nothing is held twice. Open addressing, 8 bytes a slot, at most three
/// quarters of them taken; used by one thread.
/// </summary>
internal sealed class NumberTable
{
    private const int FirstSlots = 64;

    /// <summary>Hash above, number + 1 below; 0 is free.</summary>
    private ulong[] _slots = new ulong[FirstSlots];
    private int _count;

    /// <summary>Where the search for a hash begins.</summary>
    public int Start(uint hash) => (int)(hash & (uint)(_slots.Length - 1));

    /// <summary>The next number under this hash; false when there is none left.</summary>
    public bool TryNext(uint hash, ref int slot, out uint number)
    {
        var slots = _slots;
        while (slots[slot] is not 0 and var entry)
        {
            slot = (slot + 1) & (slots.Length - 1);
            if ((uint)(entry >> 32) == hash)
            {
                number = (uint)entry - 1;
                return true;
            }
        }

        number = 0;
        return false;
    }

    public void Add(uint hash, uint number)
    {
        if (++_count > _slots.Length / 4 * 3)
        {
            Grow();
        }

        Put(_slots, ((ulong)hash << 32) | (number + 1));
    }

    public void Clear()
    {
        Array.Clear(_slots);
        _count = 0;
    }

    private void Grow()
    {
        var slots = new ulong[_slots.Length * 2];
        foreach (var entry in _slots)
        {
            if (entry != 0)
            {
                Put(slots, entry);
            }
        }

        _slots = slots;
    }

    private static void Put(ulong[] slots, ulong entry)
    {
        var slot = (int)((uint)(entry >> 32) & (uint)(slots.Length - 1));
        while (slots[slot] != 0)
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        slots[slot] = entry;
    }
}
