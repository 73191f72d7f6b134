namespace ScrapeCluster.Scraping;

/// <summary>One line of a target's page as the cache remembers it, its text apart: one word of 8 bytes.</summary>
internal struct SeriesEntry
{
    private const int FlagBits = 7;
    private const int StampBits = 8;
    private const int RefShift = FlagBits + StampBits;
    private const ulong FlagMask = (1UL << FlagBits) - 1;
    private const ulong StampMask = ((1UL << StampBits) - 1) << FlagBits;
    private const ulong LongestRef = ulong.MaxValue >> RefShift;

    // The storage's reference (49 bits), the stamp of the last round (8), flags (7).
    private ulong _word;

    public SeriesEntry(SeriesFlags flags, byte stamp)
    {
        _word = (ulong)flags | ((ulong)stamp << FlagBits);
    }

    /// <summary>
    /// The storage's reference; 0 while the storage has not given one. References are counted up from 1; one of 2^49 or more, which only a log that is not
    /// ours could begin with, is not kept, so its series is sent with its labels each time.
    /// </summary>
    public ulong Ref
    {
        readonly get => _word >> RefShift;
        set => _word = (_word & (FlagMask | StampMask)) | (value > LongestRef ? 0 : value << RefShift);
    }

    /// <summary>The last round in which the page had this line, as <see cref="RoundStamp"/> says; 0: long ago.</summary>
    public byte Stamp
    {
        readonly get => (byte)(_word >> FlagBits);
        set => _word = (_word & ~StampMask) | ((ulong)value << FlagBits);
    }

    public SeriesFlags Flags
    {
        readonly get => (SeriesFlags)(_word & FlagMask);
        set => _word = (_word & ~FlagMask) | (ulong)value;
    }

    public readonly bool Has(SeriesFlags flags) => (_word & (ulong)flags) != 0;

    /// <summary>
    /// The warm path's one comparison: when the series was tracked in the round before, has a reference and nothing else about it is special, marks it as
    /// seen in this one and gives the reference; else 0, and nothing has changed.
    /// </summary>
    public ulong Continue(byte stampBefore, byte stamp)
    {
        const ulong Asked = StampMask | (ulong)(SeriesFlags.Known | SeriesFlags.Tracked | SeriesFlags.Dropped | SeriesFlags.Deleted);
        var word = _word;
        if ((word & Asked) != (((ulong)stampBefore << FlagBits) | (ulong)(SeriesFlags.Known | SeriesFlags.Tracked)) || word >> RefShift == 0)
        {
            return 0;
        }

        _word = (word & ~StampMask) | ((ulong)stamp << FlagBits) | (ulong)SeriesFlags.WasTracked;
        return word >> RefShift;
    }
}

[Flags]
internal enum SeriesFlags : byte
{
    None = 0,

    /// <summary>Metric relabelling drops it; remembered so that the rules do not run again.</summary>
    Dropped = 1,

    /// <summary>Accepted at least once, also by a scrape that failed later: it no longer counts as an added series.</summary>
    Known = 2,

    /// <summary>In the round of its stamp a sample was accepted whose end will need a staleness marker.</summary>
    Tracked = 4,

    /// <summary>The same of the round before its stamp.</summary>
    WasTracked = 8,

    /// <summary>Exposed under a TYPE of histogram or summary, which decides how <c>le</c> and <c>quantile</c> are read.</summary>
    Histogram = 16,
    Summary = 32,

    /// <summary>The page has it no more; it waits for the next packing.</summary>
    Deleted = 64,
}
