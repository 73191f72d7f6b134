namespace ScrapeCluster.Cluster.Ownership;

/// <summary>When one slot's series lines go to its heir: soon after its first scrapes, again when the slowest target was scraped, then once a minute. Pure.</summary>
/// <param name="spread">Of the slot, 0 to 1: keeps slots that began together from sending together.</param>
internal sealed class Bequest(DateTimeOffset from, TimeSpan slowest, double spread)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Seldom = TimeSpan.FromMinutes(1);

    /// <summary>An answer of the pools or of the heir that takes longer does not come any more.</summary>
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    private DateTimeOffset _dueAt = from + First + (spread * First);
    private DateTimeOffset _begunAt;
    private long _turn;
    private bool _needsAll = true;

    /// <summary>Who has the lines, or gets them now; null = nobody yet.</summary>
    public string? Heir { get; private set; }

    public bool IsOnItsWay { get; private set; }

    /// <summary>Somebody else is the heir now: all lines go there, not all slots' at once.</summary>
    public void Turn(string? heir, DateTimeOffset now)
    {
        if (heir != Heir)
        {
            Heir = heir;
            _needsAll = true;
            _dueAt = Later(from + First, now) + (spread * First);
        }
    }

    public bool IsDue(DateTimeOffset now)
    {
        if (IsOnItsWay && now > _begunAt + GiveUpAfter)
        {
            Ended(_turn, arrived: false, now);
        }

        return Heir is not null && !IsOnItsWay && now >= _dueAt;
    }

    /// <returns>Comes back with <see cref="Ended"/>, and whether all lines are needed or only those that changed.</returns>
    public (long Turn, bool All) Begin(DateTimeOffset now)
    {
        IsOnItsWay = true;
        _begunAt = now;
        return (++_turn, _needsAll);
    }

    /// <summary>This turn is still the one that is waited for.</summary>
    public bool Awaits(long turn) => IsOnItsWay && turn == _turn;

    /// <param name="arrived">The heir has all that it should have.</param>
    public void Ended(long turn, bool arrived, DateTimeOffset now)
    {
        if (!Awaits(turn))
        {
            return;
        }

        IsOnItsWay = false;

        // Lines that were collected and did not arrive count as told to the pools.
        _needsAll = !arrived;
        var complete = from + slowest + First;
        var wait = arrived && now >= complete ? Seldom : now < complete && complete - now < Seldom ? complete - now : Often;
        _dueAt = now + wait + (spread * (wait < Often ? First : Often));
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
