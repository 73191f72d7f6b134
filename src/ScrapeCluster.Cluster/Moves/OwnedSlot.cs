using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Moves;

/// <summary>
/// One slot as one node sees it, from the committed rows and the other owner's acknowledgement. The rules of a planned move, for any order, loss and
/// repetition of messages:
/// <code>
/// new owner: starts at T, or when it reads the row, whatever is later; acknowledges to the old one
/// old owner: stops at T if it holds the acknowledgement of that row by then, else when it comes
/// </code>
/// so a failure can cost a scrape that is made twice, never one that nobody makes.
/// </summary>
/// <remarks>Pure: returns what to do. Rows are accepted in rising (epoch, version) only.</remarks>
public sealed class OwnedSlot(string self, SlotKey slot)
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(1);

    private Assignment? _row;
    private TargetWindow? _window;
    private long _acknowledged = -1;
    private bool _owesLines;
    private bool _awaitsLines;
    private DateTimeOffset _repeatAt;

    /// <summary>What is scraped now; null = nothing.</summary>
    public TargetWindow? Window => _window;

    /// <summary>Nothing is scraped, owed or awaited: the slot can be forgotten.</summary>
    public bool IsOver => _window is null && !_owesLines && !_awaitsLines;

    /// <summary>Null until the first one is read.</summary>
    public Assignment? Row => _row;

    /// <summary>The owner before has not sent its series lines yet.</summary>
    public bool AwaitsLines => _awaitsLines;

    /// <summary>It went on past the instant because the new owner's acknowledgement is not here: both scrape.</summary>
    public bool GoesOnUnacknowledged(DateTimeOffset now)
    {
        return _row is { } row && row.Owner != self && row.EffectiveAt < now && _window is { } window && window.Until == DateTimeOffset.MaxValue;
    }

    /// <summary>A bucket that came out of this one's by a split: what is scraped goes on in it, in the same window, until its own row says otherwise.</summary>
    public OwnedSlot Half(SlotKey half) => new(self, half) { _window = _window };

    public IReadOnlyList<OwnershipEffect> Read(Assignment row, DateTimeOffset now)
    {
        if (_row is { } known && (row.Epoch < known.Epoch || row.Version <= known.Version))
        {
            return [];
        }

        _row = row;
        _awaitsLines = false;
        if (row.Owner == self)
        {
            return Take(row, now);
        }

        if (row.Previous == self && row.Owner.Length > 0 && _window is not null)
        {
            return _acknowledged == row.Version ? [Until(row, now)] : [];
        }

        return row.Owner.Length > 0 && _window is not null ? PassedOver(row, now) : Leave();
    }

    /// <summary>The new owner says that it has read the row of this version. May come before we have read it.</summary>
    public IReadOnlyList<OwnershipEffect> Acknowledged(long version, DateTimeOffset now)
    {
        _acknowledged = Math.Max(_acknowledged, version);
        return _window is { Until.Ticks: var until } && until == DateTimeOffset.MaxValue.Ticks && _row is { } row && row.Previous == self && row.Owner != self && row.Version == version
            ? [Until(row, now)]
            : [];
    }

    /// <summary>The old owner's series lines of this version are here.</summary>
    public void LinesCame(long version) => _awaitsLines &= _row?.Version != version;

    /// <summary>The new owner has our series lines.</summary>
    public void LinesArrived(long version) => _owesLines &= _row?.Version != version;

    /// <summary>To be asked several times a second.</summary>
    public IReadOnlyList<OwnershipEffect> Tick(DateTimeOffset now)
    {
        if (_row is not { } row)
        {
            return [];
        }

        if (_window is { } window && now >= window.Until)
        {
            _window = null;
            _owesLines = true;
            _repeatAt = now + RepeatAfter;
            return [new OwnershipEffect.HandOver(slot, row.Owner, row.Version)];
        }

        if (now < _repeatAt || !(_owesLines || _awaitsLines))
        {
            return [];
        }

        _repeatAt = now + RepeatAfter;
        return [_owesLines ? new OwnershipEffect.HandOver(slot, row.Owner, row.Version) : new OwnershipEffect.Acknowledge(slot, row.Previous, row.Version)];
    }

    /// <summary>The other owner is gone: nothing can be owed to it or awaited from it.</summary>
    public void NodeGone(string node)
    {
        _owesLines &= _row?.Owner != node;
        _awaitsLines &= _row?.Previous != node;
    }

    private List<OwnershipEffect> Take(Assignment row, DateTimeOffset now)
    {
        // What we still scrape as the old owner just goes on: a move that was called back.
        var from = _window is { } window && window.Until > now ? window.From : Later(row.EffectiveAt, now);
        _window = new TargetWindow(from, DateTimeOffset.MaxValue);
        _owesLines = false;
        var effects = new List<OwnershipEffect> { new OwnershipEffect.Scrape(slot, row.Count, _window.Value) };
        if (row.Previous.Length > 0 && row.Previous != self)
        {
            _awaitsLines = true;
            _repeatAt = now + RepeatAfter;
            effects.Add(new OwnershipEffect.Acknowledge(slot, row.Previous, row.Version));
        }

        return effects;
    }

    /// <summary>
    /// The slot went on from its next owner to another before we let go of it. What that one acknowledged stands; else the last instant that anybody named
    /// does, since nothing says that the one in between ever began. When that is past, somebody else has had it long enough.
    /// </summary>
    private OwnershipEffect[] PassedOver(Assignment row, DateTimeOffset now)
    {
        return _window!.Value.Until < DateTimeOffset.MaxValue ? [] : row.EffectiveAt > now ? [Until(row, now)] : Leave();
    }

    private OwnershipEffect.Scrape Until(Assignment row, DateTimeOffset now)
    {
        _window = _window!.Value with { Until = Later(row.EffectiveAt, now) };
        return new OwnershipEffect.Scrape(slot, row.Count, _window.Value);
    }

    private OwnershipEffect[] Leave()
    {
        var scraped = _window is not null;
        _window = null;
        _owesLines = false;
        return scraped ? [new OwnershipEffect.Drop(slot)] : [];
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
