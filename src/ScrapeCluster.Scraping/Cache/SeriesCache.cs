using System.Runtime.CompilerServices;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// What one target exposed: from the text of a series to its storage reference, kept in the order of exposition. A target exposes the same
/// lines in the same order almost always, so a reader compares <see cref="Expected"/> first and asks the hash table only on a mismatch.
/// <para>
/// Two forms. Packed: entries of 8 bytes in the order of the page, texts in blocks which targets with the same lines share (<see cref="SharedTexts"/>), nothing
/// else; that is what a page that comes as expected needs. Loose, from the first line that does not come as expected until the page has stood still for a
/// while: beside it a hash table, the place of each text and each line's successor, so that an inserted or moved line costs two look-ups once and nothing
/// afterwards, and a page that never stands still costs no more than a look-up a line. No object per series; the table is keyed by untrusted bytes: its hash is seeded.
/// </para>
/// A scrape is one round: <see cref="BeginRound"/>, any number of lines, <see cref="EndRound"/>. Ids are stable within a round.
/// </summary>
internal sealed partial class SeriesCache(ulong hashSeed, SharedTexts texts)
{
    /// <summary>Longest text of one series, as <see cref="Labels"/> has it.</summary>
    public const int LongestTextBytes = 0xFFFFFF;

    private SeriesEntry[] _entries = [];
    private int _entryCount;
    private int _deadCount;
    private long _deadTextBytes;
    private long _textBytes;

    private int _round;
    private byte _stamp = RoundStamp.Of(0);
    private byte _stampBefore = RoundStamp.Before(0);
    private int _head = -1;
    private int _previous = -1;
    private int _seen;
    private int _tracked;
    private int _continued;
    private int _trackedBefore;
    private int _lastSuccessfulCount;

    // The line that should come next, and where its text is; without a text nothing is known about it.
    private int _expected = -1;
    private int _expectedBlock;
    private int _expectedStart;
    private int _expectedLength;

    /// <summary>Entries of all kinds, dropped ones included.</summary>
    public int Count => _entryCount - _deadCount;

    /// <summary>Series of the last round whose end will need a marker.</summary>
    public int TrackedCount => _tracked;

    /// <summary>Changes with the set of tracked series, never with values.</summary>
    public long TrackedVersion { get; private set; }

    public void BeginRound()
    {
        _round++;
        _stamp = RoundStamp.Of(_round);
        _stampBefore = RoundStamp.Before(_round);
        if (_round % RoundStamp.SweepEvery == 0)
        {
            SweepStamps();
        }

        _strayed = false;
        _previous = -1;
        _seen = 0;
        _trackedBefore = _tracked;
        _tracked = 0;
        _continued = 0;
        MakeExpected(_head);
    }

    /// <summary>The text of the line that should come next; empty when nothing is known about it.</summary>
    public ReadOnlySpan<byte> Expected => _expectedLength == 0 ? default : _blocks[_expectedBlock].AsSpan(_expectedStart, _expectedLength);

    public int ExpectedId => _expected;

    public ref SeriesEntry this[int id] => ref _entries[id];

    /// <summary>
    /// The warm path: marks the expected entry as seen when nothing about it is special: it was tracked in the round before, has a reference and
    /// comes for the first time in this one. Then the caller adds its sample and is done. False changes nothing.
    /// </summary>
    public bool TrySeeExpected(out ulong seriesRef, out int id)
    {
        id = _expected;
        seriesRef = _entries[id].Continue(_stampBefore, _stamp);
        if (seriesRef == 0)
        {
            return false;
        }

        _seen++;
        _tracked++;
        _continued++;
        _previous = id;
        StepFrom(id);
        return true;
    }

    /// <summary>Marks an entry as seen and makes it the successor of the line before it. True when this round had it already.</summary>
    public bool See(int id)
    {
        if (!_isLoose && id != _expected)
        {
            Loosen();
        }

        if (_isLoose)
        {
            Link(id);
        }

        _previous = id;
        StepFrom(id);
        ref var entry = ref _entries[id];
        if (entry.Stamp == _stamp)
        {
            return true;
        }

        var wasTracked = entry.Stamp == _stampBefore && entry.Has(SeriesFlags.Tracked);
        entry.Flags = (entry.Flags & ~(SeriesFlags.Tracked | SeriesFlags.WasTracked)) | (wasTracked ? SeriesFlags.WasTracked : SeriesFlags.None);
        entry.Stamp = _stamp;
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
        var id = AddLoose(text, new SeriesEntry(flags, stamp: 0), next: _expected);
        See(id);
        return id;
    }

    /// <summary>
    /// Between rounds: adds a line that <see cref="Find"/> does not know as if the last round had tracked it, so that the next one either goes on with
    /// it or marks its end.
    /// </summary>
    public void Adopt(ReadOnlySpan<byte> text, SeriesFlags type)
    {
        var id = AddLoose(text, new SeriesEntry(type | SeriesFlags.Tracked, _stamp), next: -1);
        _tracked++;
        _lastSuccessfulCount++;
        TrackedVersion++;
        if (_round > 0)
        {
            return;
        }

        // Nothing was scraped yet: they come in the order in which the page will have them.
        _previous = id - 1;
        Link(id);
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
            if (_entries[id].Stamp == _stamp && _entries[id].Has(SeriesFlags.Tracked))
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
        if (HasStale || _tracked != _continued)
        {
            TrackedVersion++;
        }

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

        ChooseForm(successful);
        return forced;
    }

    /// <summary>Makes the entry the one that should come next; none by -1.</summary>
    private void MakeExpected(int id)
    {
        _expected = id;
        _expectedLength = 0;
        if (id < 0 || _entries[id].Has(SeriesFlags.Deleted))
        {
            return;
        }

        if (_isLoose)
        {
            PlaceExpected(_places[id].Block, _places[id].Start);
        }
        else if (id == 0)
        {
            PlaceExpected(0, 0);
        }
    }

    /// <summary>Makes the successor of the entry, which was expected or is loose, the one that should come next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StepFrom(int id)
    {
        if (_isLoose)
        {
            MakeExpected(_next[id]);
            return;
        }

        if (id + 1 == _entryCount)
        {
            MakeExpected(-1);
            return;
        }

        _expected = id + 1;
        var end = _expectedStart + _expectedLength;
        if (end < _blocks[_expectedBlock].Length)
        {
            PlaceExpected(_expectedBlock, end);
        }
        else
        {
            PlaceExpected(_expectedBlock + 1, 0);
        }
    }

    private void PlaceExpected(int block, int start)
    {
        _expectedLength = TextBlock.LengthAt(_blocks[block], ref start);
        _expectedBlock = block;
        _expectedStart = start;
    }

    private bool IsStale(int id)
    {
        ref var entry = ref _entries[id];
        return entry.Stamp == _stamp
            ? (entry.Flags & (SeriesFlags.Tracked | SeriesFlags.WasTracked)) == SeriesFlags.WasTracked
            : entry.Stamp == _stampBefore && entry.Has(SeriesFlags.Tracked);
    }

    private void SweepStamps()
    {
        foreach (ref var entry in _entries.AsSpan(0, _entryCount))
        {
            if (entry.Stamp != _stampBefore)
            {
                entry.Stamp = 0;
            }
        }
    }
}
