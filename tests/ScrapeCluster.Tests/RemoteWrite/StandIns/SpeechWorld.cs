using ScrapeCluster.RemoteWrite.StandIns;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite.StandIns;

/// <summary>
/// One target with two slots, the nodes that scrape it and a receiver, in steps of 50 ms. Scrapes take time, fail, and are missed; messages take time; a node may die, with
/// what the receiver has not answered for.
/// </summary>
internal sealed class SpeechWorld(int seed)
{
    public const long IntervalMs = 10_000;
    public const long TargetHash = 7;
    private const long StepMs = 50;
    private const long StartMs = 1_000_000;

    private readonly Random _random = new(seed);
    private readonly List<SpeechNode> _nodes = [];
    private readonly List<(long AtMs, Action Do)> _later = [];

    public long NowMs { get; private set; } = StartMs;

    public Random Random => _random;

    /// <summary>In the order of their arrival.</summary>
    public List<ReceivedScrape> Received { get; } = [];

    /// <summary>Which scrapes were good, and stay known: of a node that has not died.</summary>
    public List<MadeScrape> Made { get; } = [];

    /// <summary>Longest way of a message between nodes, and of a request.</summary>
    public int MostDelayMs { get; init; } = 400;

    /// <summary>Given slot and due time.</summary>
    public Func<int, long, bool> IsGood { get; set; } = static (_, _) => true;

    public Func<int, long, bool> IsMissed { get; set; } = static (_, _) => false;

    public SpeechNode Add(string name, int slot, long phaseMs)
    {
        var node = new SpeechNode(this, name, slot, phaseMs);
        _nodes.Add(node);
        return node;
    }

    public void Later(long afterMs, Action what) => _later.Add((NowMs + afterMs, what));

    public int Delay(int most) => _random.Next(1, most);

    public IEnumerable<SpeechNode> Others(SpeechNode node) => _nodes.Where(other => other != node && other.Slot != node.Slot && !other.IsDead);

    public void Run(long forMs)
    {
        for (var until = NowMs + forMs; NowMs < until; NowMs += StepMs)
        {
            foreach (var (_, what) in _later.Where(one => one.AtMs <= NowMs).OrderBy(one => one.AtMs).ToList())
            {
                what();
            }

            _later.RemoveAll(one => one.AtMs <= NowMs);
            _nodes.Where(node => !node.IsDead).ToList().ForEach(node => node.Step(NowMs));
        }
    }
}

internal sealed record ReceivedScrape(string Node, int Slot, long DueMs, bool IsGood, bool HasMarkers);

internal sealed record MadeScrape(int Slot, long DueMs, bool IsGood);

internal sealed class SpeechNode(SpeechWorld world, string name, int slot, long phaseMs)
{
    private sealed record LogEntry(long AtMs, long DueMs, bool IsGood, bool HasMarkers);

    private readonly SpeechTable _table = new(new StandInTerms(10_000), world.NowMs);
    private readonly List<LogEntry> _log = [];
    private readonly HashSet<int> _unanswered = [];
    private readonly List<ToldScrape> _told = [];
    private readonly List<(long Number, int Log)> _messages = [];
    private int _read;
    private long _number;
    private long _nextTellMs = world.NowMs;
    private long _nextArrivalMs;
    private bool _wasGood;

    public int Slot => slot;

    public bool IsDead { get; private set; }

    public long NextDueMs { get; set; } = world.NowMs - (world.NowMs % SpeechWorld.IntervalMs) + SpeechWorld.IntervalMs + phaseMs;

    public int Kept => _table.Kept;

    public void Die() => IsDead = true;

    public void HearOfDeath(string other) => _table.Died(other, world.NowMs);

    public void Hear(string from, long number, IReadOnlyList<ToldScrape> scrapes, long answered)
    {
        _table.Told(from, number, scrapes, world.NowMs);
        _table.Answered(from, answered, world.NowMs);
    }

    public void Step(long nowMs)
    {
        Scrape(nowMs);
        _table.Tick(nowMs);
        _table.Review(nowMs, Decide);
        Read(nowMs);
        if (nowMs >= _nextTellMs)
        {
            _nextTellMs = nowMs + 250;
            Tell();
        }
    }

    private void Scrape(long nowMs)
    {
        if (nowMs < NextDueMs)
        {
            return;
        }

        var due = NextDueMs;
        NextDueMs += SpeechWorld.IntervalMs;
        if (world.IsMissed(slot, due))
        {
            return;
        }

        var isGood = world.IsGood(slot, due);

        // A failure may take as long as the time-out.
        world.Later(world.Delay(isGood ? 2_000 : 9_000), () => End(due, isGood));
    }

    private void End(long due, bool isGood)
    {
        if (IsDead)
        {
            return;
        }

        world.Made.Add(new MadeScrape(slot, due, isGood));
        _log.Add(new LogEntry(world.NowMs, due, isGood, HasMarkers: !isGood && _wasGood));
        _wasGood = isGood;
        _table.Plan(SpeechWorld.TargetHash, slot, due, SpeechWorld.IntervalMs, world.NowMs);
        _told.Add(new ToldScrape(SpeechWorld.TargetHash, slot, due, SpeechWorld.IntervalMs, isGood));
    }

    private void Read(long nowMs)
    {
        while (_read < _log.Count && nowMs >= _log[_read].AtMs + _table.Terms.SettleMs)
        {
            var entry = _log[_read];
            var target = _table.TargetOf(SpeechWorld.TargetHash);
            if (slot == 0 && entry.IsGood)
            {
                target.Review(nowMs, Decide, entry.DueMs);
            }

            var own = new OwnScrape(
                slot, target.DueOf(slot, entry.DueMs + world.Random.Next(60)), entry.IsGood ? ScrapeResult.Good : ScrapeResult.Failed, entry.HasMarkers, isOld: false,
                new WalPosition(0, _read));
            Assert.Equal(entry.DueMs, own.DueMs);
            var fate = target.Judge(own, nowMs);
            Decide(own, fate);
            _read++;
        }
    }

    private void Decide(OwnScrape own, Fate fate)
    {
        if (fate != Fate.Sent)
        {
            return;
        }

        var place = (int)own.Record.Offset;
        var entry = _log[place];
        _unanswered.Add(place);

        // One request after the other.
        _nextArrivalMs = Math.Max(_nextArrivalMs + 1, world.NowMs + world.Delay(world.MostDelayMs));
        world.Later(_nextArrivalMs - world.NowMs, () =>
        {
            // A request of a process that dies may arrive or not.
            if (!IsDead || world.Random.Next(2) == 0)
            {
                world.Received.Add(new ReceivedScrape(name, slot, entry.DueMs, entry.IsGood, entry.HasMarkers));
                world.Later(world.Delay(100), () => _unanswered.Remove(place));
            }
        });
    }

    private void Tell()
    {
        _messages.Add((++_number, _log.Count));
        var lowest = Math.Min(_read, _unanswered.Count > 0 ? _unanswered.Min() : int.MaxValue);
        var answered = _messages.FindLast(message => message.Log <= lowest).Number;
        IReadOnlyList<ToldScrape> told = [.. _told];
        _told.Clear();
        var number = _number;
        foreach (var other in world.Others(this))
        {
            world.Later(world.Delay(world.MostDelayMs), () => other.Hear(name, number, told, answered));
        }
    }
}
