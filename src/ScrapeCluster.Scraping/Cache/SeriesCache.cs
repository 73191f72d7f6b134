using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// What one target exposed: from the text of a series to its storage reference, kept in the order of exposition. A target exposes the same
/// lines in the same order almost always, so a reader compares <see cref="Expected"/> first and asks the hash table only on a mismatch.
/// Each entry names its successor, so an inserted or moved line costs two look-ups once and nothing afterwards.
/// <para>
/// One big text buffer, one array of entries and one array of slots: no object per series. The table is keyed by untrusted bytes: its hash is seeded.
/// </para>
/// A scrape is one round: <see cref="BeginRound"/>, any number of lines, <see cref="EndRound"/>. Ids are stable within a round.
/// </summary>
internal sealed partial class SeriesCache(ulong hashSeed)
{
    /// <summary>Longest text of one series: <see cref="SeriesEntry"/> keeps lengths in 24 bits, as <see cref="Labels"/> does.</summary>
    public const int LongestTextBytes = 0xFFFFFF;

    private byte[] _text = [];
    private SeriesEntry[] _entries = [];
    private int _textLength;
    private int _entryCount;
    private int _deadCount;
    private int _deadTextBytes;

    private int _round;
    private int _head = -1;
    private int _expected = -1;
    private int _previous = -1;
    private int _seen;
    private int _tracked;
    private int _continued;
    private int _trackedBefore;
    private int _lastSuccessfulCount;

    /// <summary>Entries of all kinds, dropped ones included.</summary>
    public int Count => _entryCount - _deadCount;

    /// <summary>Series of the last round whose end will need a marker.</summary>
    public int TrackedCount => _tracked;

    /// <summary>What the cache holds in memory.</summary>
    public long SizeBytes => _text.Length + (_entries.Length * 24L) + (_slots.Length * 4L);

    public int Round => _round;

    public void BeginRound()
    {
        _round++;
        _previous = -1;
        _expected = _head;
        _seen = 0;
        _trackedBefore = _tracked;
        _tracked = 0;
        _continued = 0;
    }

    /// <summary>
    /// Makes room for the texts of a first page at once, instead of growing through a series of large arrays; what is left over goes at the
    /// round's end.
    /// </summary>
    public void Expect(int pageBytes)
    {
        if (_entryCount == 0 && _text.Length < pageBytes)
        {
            _text = new byte[pageBytes];
        }
    }

    /// <summary>The text of the line that should come next; empty when nothing is known about it.</summary>
    public ReadOnlySpan<byte> Expected => _expected < 0 ? default : TextOf(_expected);

    public int ExpectedId => _expected;

    public ReadOnlySpan<byte> TextOf(int id)
    {
        ref var entry = ref _entries[id];
        return _text.AsSpan(entry.TextStart, entry.TextLength);
    }

    public ref SeriesEntry this[int id] => ref _entries[id];

    /// <summary>
    /// The warm path: marks the expected entry as seen when nothing about it is special: it was tracked in the round before, has a reference and
    /// comes for the first time in this one. Then the caller adds its sample and is done. False changes nothing.
    /// </summary>
    public bool TrySeeExpected(out ulong seriesRef, out int id)
    {
        id = _expected;
        ref var entry = ref _entries[id];
        seriesRef = entry.Ref;
        const SeriesFlags Ordinary = SeriesFlags.Known | SeriesFlags.Tracked;
        if (entry.LastSeen != _round - 1 || (entry.Flags & (Ordinary | SeriesFlags.Dropped)) != Ordinary || seriesRef == 0)
        {
            return false;
        }

        entry.LastSeen = _round;
        entry.Flags |= SeriesFlags.WasTracked;
        _seen++;
        _tracked++;
        _continued++;
        _previous = id;
        _expected = entry.Next;
        return true;
    }

    /// <summary>Marks an entry as seen and makes it the successor of the line before it. True when this round had it already.</summary>
    public bool See(int id)
    {
        if (_previous < 0)
        {
            _head = id;
        }
        else
        {
            _entries[_previous].Next = id;
        }

        ref var entry = ref _entries[id];
        _previous = id;
        _expected = entry.Next;
        if (entry.LastSeen == _round)
        {
            return true;
        }

        var wasTracked = entry.LastSeen == _round - 1 && entry.Has(SeriesFlags.Tracked);
        entry.Flags = (entry.Flags & ~(SeriesFlags.Tracked | SeriesFlags.WasTracked)) | (wasTracked ? SeriesFlags.WasTracked : SeriesFlags.None);
        entry.LastSeen = _round;
        _seen++;
        return false;
    }

    /// <summary>Says that a sample of a seen entry was accepted and that its end will need a marker.</summary>
    public void Track(int id)
    {
        ref var entry = ref _entries[id];
        if (!entry.Has(SeriesFlags.Tracked))
        {
            entry.Flags |= SeriesFlags.Tracked;
            _tracked++;
            _continued += entry.Has(SeriesFlags.WasTracked) ? 1 : 0;
        }
    }

    /// <summary>Takes <see cref="Track"/> back: the storage refused the sample.</summary>
    public void Untrack(int id)
    {
        ref var entry = ref _entries[id];
        if (entry.Has(SeriesFlags.Tracked))
        {
            entry.Flags &= ~SeriesFlags.Tracked;
            _tracked--;
            _continued -= entry.Has(SeriesFlags.WasTracked) ? 1 : 0;
        }
    }

    /// <summary>Adds a line that <see cref="Find"/> does not know, and marks it as seen.</summary>
    public int Add(ReadOnlySpan<byte> text, SeriesFlags flags)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, LongestTextBytes);
        var id = _entryCount;
        MakeRoom(text.Length);
        text.CopyTo(_text.AsSpan(_textLength));
        _entries[id] = new SeriesEntry { TextStart = _textLength, TextLength = text.Length, Flags = flags, LastSeen = _round - 2, Next = _expected };
        _textLength += text.Length;
        _entryCount++;
        InsertSlot(id);
        See(id);
        return id;
    }

    /// <summary>True when a series of the round before was not accepted in this one.</summary>
    public bool HasStale => _continued != _trackedBefore;

    /// <summary>The ids of the series that need a staleness marker in this round.</summary>
    public IEnumerable<int> StaleIds()
    {
        for (var id = 0; id < _entryCount; id++)
        {
            if (IsStale(id))
            {
                yield return id;
            }
        }
    }

    /// <summary>The ids of the series whose end will need a marker, were it now.</summary>
    public IEnumerable<int> TrackedIds()
    {
        for (var id = 0; id < _entryCount; id++)
        {
            if (_entries[id].LastSeen == _round && _entries[id].Has(SeriesFlags.Tracked))
            {
                yield return id;
            }
        }
    }

    /// <summary>
    /// Ends the round. After a successful page entries that it did not have are deleted; after a failed one only when they have more
    /// than doubled since the last success, so that a target with changing lines cannot fill the memory. True when that was forced.
    /// </summary>
    /// <param name="otherEntries">Entries of other kinds that count for the forced flush: families of metadata.</param>
    public bool EndRound(bool successful, int otherEntries = 0)
    {
        var forced = false;
        if (successful)
        {
            _lastSuccessfulCount = Count + otherEntries;
        }
        else
        {
            forced = Count + otherEntries > (2 * _lastSuccessfulCount) + 1000;
        }

        if ((successful || forced) && _seen != Count)
        {
            DeleteUnseen();
        }
        else if (successful)
        {
            Trim();
        }

        return forced;
    }

    private bool IsStale(int id)
    {
        ref var entry = ref _entries[id];
        return entry.LastSeen == _round
            ? (entry.Flags & (SeriesFlags.Tracked | SeriesFlags.WasTracked)) == SeriesFlags.WasTracked
            : entry.LastSeen == _round - 1 && entry.Has(SeriesFlags.Tracked);
    }
}
