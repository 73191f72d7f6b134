namespace ScrapeCluster.Scraping;

/// <summary>One line of a target's page as the cache remembers it: 24 bytes beside its text.</summary>
internal struct SeriesEntry
{
    private const int LengthBits = 24;
    private const uint LengthMask = (1u << LengthBits) - 1;

    private uint _lengthAndFlags;

    /// <summary>Where the exposed text starts in the cache's text buffer.</summary>
    public int TextStart;

    /// <summary>The storage's reference; 0 while the storage has not given one.</summary>
    public ulong Ref;

    /// <summary>The last round in which the page had this line.</summary>
    public int LastSeen;

    /// <summary>The entry that stood behind this one when it was last seen.</summary>
    public int Next;

    /// <summary>0 marks an entry that was deleted and waits for the next compaction.</summary>
    public int TextLength
    {
        readonly get => (int)(_lengthAndFlags & LengthMask);
        set => _lengthAndFlags = (_lengthAndFlags & ~LengthMask) | (uint)value;
    }

    public SeriesFlags Flags
    {
        readonly get => (SeriesFlags)(_lengthAndFlags >> LengthBits);
        set => _lengthAndFlags = (_lengthAndFlags & LengthMask) | ((uint)value << LengthBits);
    }

    public readonly bool Has(SeriesFlags flags) => (Flags & flags) != 0;
}

[Flags]
internal enum SeriesFlags : byte
{
    None = 0,

    /// <summary>Metric relabelling drops it; remembered so that the rules do not run again.</summary>
    Dropped = 1,

    /// <summary>Accepted at least once, also by a scrape that failed later: it no longer counts as an added series.</summary>
    Known = 2,

    /// <summary>In the round <see cref="SeriesEntry.LastSeen"/> a sample was accepted whose end will need a staleness marker.</summary>
    Tracked = 4,

    /// <summary>The same of the round before <see cref="SeriesEntry.LastSeen"/>.</summary>
    WasTracked = 8,

    /// <summary>Exposed under a TYPE of histogram or summary, which decides how <c>le</c> and <c>quantile</c> are read.</summary>
    Histogram = 16,
    Summary = 32,
}
