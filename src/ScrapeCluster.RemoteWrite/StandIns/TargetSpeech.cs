namespace ScrapeCluster.RemoteWrite.StandIns;

/// <summary>
/// Which of the slots of one target speaks to a receiver, interval by interval. The interval of a scrape of the primary (slot 0) that is due at p holds the one of the
/// stand-in (slot 1) that was due in (p - interval, p]:
/// <list type="bullet">
/// <item>the primary's was good: it is sent, the stand-in's is held back until the receiver has it;</item>
/// <item>it failed, or was missed: the stand-in's is sent, when that was good;</item>
/// <item>both failed: whoever spoke last ends the series and says <c>up 0</c>;</item>
/// <item>the primary's node is gone: everything of the stand-in that the receiver does not have in the primary's words.</item>
/// </list>
/// Of one queue. Pure: no clock, no IO; used by the follower's thread alone.
/// </summary>
internal sealed class TargetSpeech(StandInTerms terms)
{
    /// <summary>Runs of scrapes that ended alike. An interval needs one or two; more are of use while this node is behind.</summary>
    private const int MostTold = 64;

    /// <summary>While receivers are away: above it, the oldest is not kept for the death of the primary any more.</summary>
    private const int MostKept = 240;

    /// <summary>After the primary speaks again: the stand-in's next two scrapes may see series end that the primary never knew.</summary>
    private const int MarkersAfter = 2;

    /// <summary>In intervals: the primary's node lives, and says nothing of the target.</summary>
    private const int AloneAfter = 5;

    private readonly List<PartnerRun> _told = [];
    private readonly List<OwnScrape> _kept = [];

    /// <summary>By slot: a due time of this node's own, from which all follow; -1 = unknown.</summary>
    private readonly long[] _phasesMs = [-1, -1];
    private readonly long[] _newestMs = [long.MinValue, long.MinValue];

    /// <summary>When good scrapes of this node were due, the newest last.</summary>
    private readonly List<long> _good = [];
    private int _markersLeft;
    private bool _hasEnded;

    /// <summary>Nobody says anything of this target: what comes is sent without waiting.</summary>
    private bool _isAlone;

    /// <summary>0 until anybody said it.</summary>
    public long IntervalMs { get; private set; }

    public long TouchedMs { get; private set; }

    /// <summary>Scrapes that wait, or whose counterpart may still be lost.</summary>
    public int Kept => _kept.Count;

    /// <summary>A scrape is to be sent once the receiver has the primary's before it.</summary>
    public bool AwaitsAnswer { get; private set; }

    /// <summary>A scrape of this node's own has ended.</summary>
    public void Plan(int slot, long dueMs, long intervalMs, long nowMs)
    {
        IntervalMs = intervalMs;
        _phasesMs[slot] = dueMs;
        TouchedMs = nowMs;
    }

    public void Told(Partner node, int slot, long dueMs, bool isGood, long number, long intervalMs, long nowMs)
    {
        IntervalMs = intervalMs;
        TouchedMs = nowMs;
        _isAlone = false;
        _newestMs[slot] = Math.Max(_newestMs[slot], dueMs);
        if (Newest(slot)?.TryExtend(node, slot, dueMs, isGood, number, intervalMs) == true)
        {
            return;
        }

        if (_told.Count == MostTold)
        {
            _told.RemoveAt(0);
        }

        _told.Add(new PartnerRun(node, slot, dueMs, isGood, number, nowMs));
    }

    /// <summary>When a scrape of this node with this timestamp was due.</summary>
    public long DueOf(int slot, long timestampMs)
    {
        if (IntervalMs == 0 || _phasesMs[slot] < 0)
        {
            return timestampMs;
        }

        // A scrape starts late rather than early.
        var since = timestampMs + (IntervalMs / 100) - _phasesMs[slot];
        return _phasesMs[slot] + (long)Math.Floor((double)since / IntervalMs) * IntervalMs;
    }

    /// <summary>A scrape of this node, as it is read from the log. What waits is kept, and so is what may be needed later: see <see cref="Review"/>.</summary>
    public Fate Judge(OwnScrape own, long nowMs)
    {
        TouchedMs = nowMs;
        if (own.IsGood)
        {
            NoteGood(own.DueMs);
        }

        _hasEnded = own.Result == ScrapeResult.End;

        // In order: behind one that waits, everything does.
        var fate = _kept.Exists(static kept => kept.For is null) ? Fate.Waits : FateOf(own, nowMs, isLast: true);
        if (fate == Fate.Waits || own.For is not null)
        {
            Keep(own);
        }

        return fate;
    }

    /// <summary>What became of scrapes that were kept, oldest first.</summary>
    /// <param name="decide">Called for each that is sent, held back for good, or says markers.</param>
    /// <param name="before">The primary's that were due before have to be decided now: a later one is about to be sent.</param>
    public void Review(long nowMs, Action<OwnScrape, Fate> decide, long before = long.MaxValue)
    {
        AwaitsAnswer = false;
        var kept = 0;
        var isOpen = true;
        for (var i = 0; i < _kept.Count; i++)
        {
            var own = _kept[i];
            if (IsConfirmed(own))
            {
                continue;
            }

            var fate = Fate.Waits;
            if (own.For is null ? isOpen : IsLost(own.For, own.ForNumber))
            {
                var wasHeld = own.For is not null;
                own.For = null;
                fate = wasHeld ? Fate.Sent : FateOf(own, nowMs, isLast: i == _kept.Count - 1);
                if (fate == Fate.Waits && own.Slot == 0 && before != long.MaxValue && own.DueMs < before)
                {
                    fate = Speak(own);
                }
            }

            if (fate != Fate.Waits)
            {
                decide(own, fate);
            }

            if (fate == Fate.Waits || own.For is not null)
            {
                // In order: what is behind one that waits, waits.
                isOpen &= own.For is not null;
                _kept[kept++] = own;
            }
        }

        _kept.RemoveRange(kept, _kept.Count - kept);
    }

    private void Keep(OwnScrape own)
    {
        if (_kept.Count == MostKept)
        {
            _kept.RemoveAt(0);
        }

        _kept.Add(own);
    }

    private Fate FateOf(OwnScrape own, long nowMs, bool isLast) => own.Slot == 0 ? FateOfPrimary(own, nowMs) : FateOfStandIn(own, nowMs, isLast);

    private Fate FateOfPrimary(OwnScrape own, long nowMs)
    {
        if (own.Result != ScrapeResult.Failed)
        {
            return Speak(own);
        }

        var other = In(slot: 1, own.DueMs - IntervalMs + 1, own.DueMs);
        if (other is not null)
        {
            return other.IsGood || (StandInSpoke(own) && !other.Node.IsGone) ? Fate.HeldBack : Speak(own);
        }

        return IsMissed(1, own.DueMs + 1, nowMs) || nowMs >= own.DueMs + terms.FailureWaitMs || Newest(1) is { Node.IsGone: true } ? Speak(own) : Fate.Waits;
    }

    private Fate FateOfStandIn(OwnScrape own, long nowMs, bool isLast)
    {
        var partner = Newest(0);
        var isGone = partner is { Node.IsGone: true };
        if (own.Result == ScrapeResult.End)
        {
            // The primary says it, when there is one.
            return isGone || _isAlone ? Speak(own) : Fate.HeldBack;
        }

        if (In(slot: 0, own.DueMs, own.DueMs + IntervalMs - 1) is { } primary)
        {
            return FateBeside(own, primary);
        }

        if (isGone || _isAlone)
        {
            return Speak(own);
        }

        if (IntervalMs > 0 && IsMissed(0, own.DueMs + IntervalMs, nowMs))
        {
            return own.IsGood || StandInSpoke(own) ? SpeakInOrder(own) : Fate.HeldBack;
        }

        if (nowMs < own.DueMs + IntervalMs + terms.GoneAfterMs)
        {
            return Fate.Waits;
        }

        if ((own.IsOld && partner is not null) || (isLast && _hasEnded))
        {
            // What the primary said of then, this process has not heard; or the target is no more.
            return Fate.HeldBack;
        }

        // A node that lives may have missed some.
        _isAlone = partner is null || partner.UntilMs < own.DueMs - (AloneAfter * IntervalMs);
        return Speak(own);
    }

    private Fate FateBeside(OwnScrape own, PartnerRun primary)
    {
        if (!primary.IsGood)
        {
            return own.IsGood || StandInSpoke(own) || primary.Node.IsGone ? SpeakInOrder(own) : Fate.HeldBack;
        }

        if (IsLost(primary.Node, primary.Number))
        {
            return own.IsGood ? Speak(own) : Fate.HeldBack;
        }

        // One that failed does not stand in for a good one: whether the receiver has that or not, the target was up.
        own.For = own.IsGood && primary.Number > primary.Node.Answered ? primary.Node : null;
        own.ForNumber = primary.Number;
        var saysMarkers = _markersLeft > 0 && own.IsGood && own.HasMarkers;
        _markersLeft = Math.Max(0, _markersLeft - 1);
        return saysMarkers ? Fate.OnlyMarkers : Fate.HeldBack;
    }

    /// <summary>Not before the receiver has what the primary scraped before.</summary>
    private Fate SpeakInOrder(OwnScrape own)
    {
        if (!_kept.Exists(before => before.For is { IsGone: false } && before.DueMs < own.DueMs && !IsConfirmed(before)))
        {
            return Speak(own);
        }

        AwaitsAnswer = true;
        return Fate.Waits;
    }

    private Fate Speak(OwnScrape own)
    {
        _markersLeft = own.Slot > 0 ? MarkersAfter : _markersLeft;
        return Fate.Sent;
    }

    /// <summary>In the last interval before in which either was good, only the stand-in was. Both nodes come to the same, also where one of them missed a scrape.</summary>
    private bool StandInSpoke(OwnScrape own)
    {
        var mine = _good.FindLast(due => due < own.DueMs);
        if (own.Slot == 0)
        {
            return _told.Exists(run => run is { Slot: 1, IsGood: true } && run.LastUntil(own.DueMs - IntervalMs, IntervalMs) > mine);
        }

        return mine > 0 && !_told.Exists(run => run is { Slot: 0, IsGood: true } && run.LastUntil(own.DueMs - 1, IntervalMs) >= mine);
    }

    private void NoteGood(long dueMs)
    {
        if (_good.Count == MostTold)
        {
            _good.RemoveAt(0);
        }

        _good.Add(dueMs);
    }

    private static bool IsLost(Partner node, long number) => node.IsGone && number > node.Answered;

    private static bool IsConfirmed(OwnScrape own) => own.For is { } node && own.ForNumber <= node.Answered;

    /// <summary>Something of this time or later was told, and what came before it would have been heard by now.</summary>
    private bool IsMissed(int slot, long fromMs, long nowMs)
    {
        if (_newestMs[slot] < fromMs)
        {
            return false;
        }

        foreach (var run in _told)
        {
            if (run.Slot == slot && run.UntilMs >= fromMs && nowMs >= run.HeardMs + terms.LastWordsMs)
            {
                return true;
            }
        }

        return false;
    }

    private PartnerRun? Newest(int slot) => _told.FindLast(run => run.Slot == slot);

    /// <summary>
    /// With the scrape of the slot that was due then, in a time as long as the interval; a good one before a failed one, as both owners of a move may have made it.
    /// </summary>
    private PartnerRun? In(int slot, long fromMs, long untilMs)
    {
        PartnerRun? found = null;
        for (var i = _told.Count - 1; i >= 0; i--)
        {
            var run = _told[i];
            if (run.Slot == slot && run.FromMs <= untilMs && run.UntilMs >= fromMs && (found is null || (run.IsGood && !found.IsGood)))
            {
                found = run;
            }
        }

        return found;
    }
}
