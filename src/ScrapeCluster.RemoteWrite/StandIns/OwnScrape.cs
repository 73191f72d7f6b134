using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.StandIns;

/// <summary>What becomes of a scrape of one slot.</summary>
internal enum Fate
{
    /// <summary>Not known yet.</summary>
    Waits,
    Sent,

    /// <summary>The other slot's is sent.</summary>
    HeldBack,

    /// <summary>As <see cref="HeldBack"/>, but that series have ended is said: the primary, who speaks again, never knew of them.</summary>
    OnlyMarkers,
}

internal enum ScrapeResult
{
    Failed,
    Good,

    /// <summary>No scrape: the markers of a target that is gone.</summary>
    End,
}

/// <summary>A scrape of this node's own as the log has it.</summary>
/// <param name="slot">0: the primary's.</param>
/// <param name="dueMs">When it was due.</param>
/// <param name="isOld">Of before this process began to listen to others.</param>
internal sealed class OwnScrape(int slot, long dueMs, ScrapeResult result, bool hasMarkers, bool isOld, WalPosition record)
{
    public int Slot { get; } = slot;

    public long DueMs { get; } = dueMs;

    public ScrapeResult Result { get; } = result;

    public bool HasMarkers { get; } = hasMarkers;

    public bool IsOld { get; } = isOld;

    /// <summary>Start of its last record in the log.</summary>
    public WalPosition Record { get; } = record;

    /// <summary>Records of it before that one; null for most.</summary>
    public List<WalPosition>? FirstRecords { get; set; }

    public int Samples { get; set; }

    /// <summary>Held back for a sample of this node of which it has not said yet that the receiver has it; null: it waits for its fate.</summary>
    public Partner? For { get; set; }

    /// <summary>The message of that node which the receiver must have answered for.</summary>
    public long ForNumber { get; set; }

    public bool IsGood => Result == ScrapeResult.Good;
}

/// <summary>Scrapes of another slot as its node told them: a run that ended alike, interval by interval.</summary>
internal sealed class PartnerRun(Partner node, int slot, long dueMs, bool isGood, long number, long heardMs)
{
    /// <summary>Instants of a plan are told in whole milliseconds.</summary>
    private const long RoundingMs = 2;

    public Partner Node { get; } = node;

    public int Slot { get; } = slot;

    public bool IsGood { get; } = isGood;

    public long FromMs { get; } = dueMs;

    public long UntilMs { get; private set; } = dueMs;

    /// <summary>Of the message with the last one: once its node says that the receiver has everything up to it, so has it all of these.</summary>
    public long Number { get; private set; } = number;

    /// <summary>When the first one was.</summary>
    public long HeardMs { get; } = heardMs;

    public bool TryExtend(Partner node, int slot, long dueMs, bool isGood, long number, long intervalMs)
    {
        if (node != Node || slot != Slot || isGood != IsGood || Math.Abs(dueMs - UntilMs - intervalMs) > RoundingMs)
        {
            return false;
        }

        UntilMs = dueMs;
        Number = Math.Max(Number, number);
        return true;
    }

    /// <summary>The latest that was due at this time or before; null when none was.</summary>
    public long? LastUntil(long untilMs, long intervalMs)
    {
        if (untilMs < FromMs)
        {
            return null;
        }

        return untilMs >= UntilMs || intervalMs == 0 ? UntilMs : untilMs - ((untilMs - FromMs) % intervalMs);
    }
}

/// <summary>A node with other slots of targets that are scraped here.</summary>
internal sealed class Partner(string name)
{
    public string Name { get; } = name;

    public long HeardMs { get; set; }

    /// <summary>The highest message whose scrapes the receiver has.</summary>
    public long Answered { get; set; }

    /// <summary>Not null: it was declared dead, and is gone from then on unless it says something.</summary>
    public long? DeadFromMs { get; set; }

    public bool IsGone { get; set; }
}
