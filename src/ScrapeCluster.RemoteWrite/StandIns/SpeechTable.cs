using System.Runtime.InteropServices;

namespace ScrapeCluster.RemoteWrite.StandIns;

/// <summary>A scrape as the node of another slot told it.</summary>
public readonly record struct ToldScrape(ulong Key, int Slot, long DueMs, long IntervalMs, bool IsGood);

/// <summary>
/// All targets with several slots, and the nodes that have the others, as one queue knows them. Pure; used by the follower's thread alone.
/// </summary>
internal sealed class SpeechTable(StandInTerms terms, long startMs)
{
    private const long ForgetAfterMs = 600_000;
    private const long SweepMs = 60_000;

    /// <summary>What time alone decides is looked at so often; what is told, at once.</summary>
    private const long LookMs = 500;

    private readonly Dictionary<ulong, TargetSpeech> _targets = [];
    private readonly Dictionary<string, Partner> _partners = new(StringComparer.Ordinal);
    private readonly HashSet<TargetSpeech> _toldOf = [];
    private readonly long _startMs = startMs;
    private long _lastMs = startMs;
    private long _sweptMs = startMs;
    private long _nextLookMs;
    private bool _awaitsAnswer;

    /// <summary>Scrapes that wait for their fate, or for the word that the receiver has the other slot's.</summary>
    public int Kept { get; private set; }

    public StandInTerms Terms => terms;

    /// <summary>Before anything else at this time.</summary>
    public void Tick(long nowMs)
    {
        var hasPaused = nowMs - _lastMs > terms.OwnPauseMs;
        _lastMs = nowMs;
        foreach (var partner in _partners.Values)
        {
            partner.HeardMs = hasPaused ? nowMs : partner.HeardMs;
            if (!partner.IsGone && (nowMs - partner.HeardMs > terms.GoneAfterMs || nowMs >= partner.DeadFromMs))
            {
                partner.IsGone = true;
                _nextLookMs = nowMs;
            }
        }

        Sweep(nowMs);
    }

    public void Plan(ulong key, int slot, long dueMs, long intervalMs, long nowMs) => TargetOf(key).Plan(slot, dueMs, intervalMs, nowMs);

    public void Told(string node, long number, IEnumerable<ToldScrape> scrapes, long nowMs)
    {
        var partner = Hear(node, nowMs);
        foreach (var scrape in scrapes)
        {
            var target = TargetOf(scrape.Key);
            _toldOf.Add(target);
            target.Told(partner, scrape.Slot, scrape.DueMs, scrape.IsGood, number, scrape.IntervalMs, nowMs);
        }
    }

    /// <summary>The receiver of this queue has all that the node scraped up to this message.</summary>
    public void Answered(string node, long number, long nowMs)
    {
        var partner = Hear(node, nowMs);
        if (number > partner.Answered)
        {
            partner.Answered = number;
            _nextLookMs = _awaitsAnswer ? nowMs : _nextLookMs;
        }
    }

    /// <summary>A process that is new numbers its messages anew: what the one before had not sent it may still send, but nobody can say when.</summary>
    public void Restarted(string node)
    {
        if (_partners.TryGetValue(node, out var partner))
        {
            partner.IsGone = true;
            _partners.Remove(node);
        }
    }

    public void Died(string node, long nowMs)
    {
        if (_partners.TryGetValue(node, out var partner))
        {
            partner.DeadFromMs ??= nowMs + terms.LastWordsMs;
        }
    }

    /// <summary>The target of a scrape of this node that is read from the log.</summary>
    public TargetSpeech TargetOf(ulong key)
    {
        ref var target = ref CollectionsMarshal.GetValueRefOrAddDefault(_targets, key, out _);
        return target ??= new TargetSpeech(terms);
    }

    public bool IsOld(long timestampMs) => timestampMs < _startMs;

    public void Review(long nowMs, Action<OwnScrape, Fate> decide, long before = long.MaxValue)
    {
        if (nowMs < _nextLookMs && before == long.MaxValue)
        {
            foreach (var target in _toldOf)
            {
                target.Review(nowMs, decide);
                _awaitsAnswer |= target.AwaitsAnswer;
            }

            _toldOf.Clear();
            return;
        }

        _toldOf.Clear();
        _nextLookMs = nowMs + LookMs;
        _awaitsAnswer = false;
        var kept = 0;
        foreach (var target in _targets.Values)
        {
            if (target.Kept > 0)
            {
                target.Review(nowMs, decide, before);
                kept += target.Kept;
                _awaitsAnswer |= target.AwaitsAnswer;
            }
        }

        Kept = kept;
    }

    private Partner Hear(string node, long nowMs)
    {
        ref var partner = ref CollectionsMarshal.GetValueRefOrAddDefault(_partners, node, out _);
        partner ??= new Partner(node);
        partner.HeardMs = nowMs;
        partner.IsGone = false;
        partner.DeadFromMs = null;
        return partner;
    }

    private void Sweep(long nowMs)
    {
        if (nowMs - _sweptMs < SweepMs)
        {
            return;
        }

        _sweptMs = nowMs;
        foreach (var (key, target) in _targets)
        {
            if (target.Kept == 0 && nowMs - target.TouchedMs > Math.Max(ForgetAfterMs, 3 * target.IntervalMs))
            {
                _targets.Remove(key);
            }
        }
    }
}
