using ScrapeCluster.RemoteWrite.Following;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.StandIns;

/// <summary>
/// Lets one slot of each target speak: of the scrapes that the follower reads, those of the slot that speaks go on at once, in the order of the log. What the other slot scraped is
/// noted with its place, and read again when it turns out that it has to stand in. Used by the follower's thread alone.
/// </summary>
internal sealed class ReplicaSpeaker(
    NewsInbox inbox, ReplicaSeries series, SampleSink sink, QueueGate gate, string walDirectory, WalPublication published, QueueMetrics metrics, TimeProvider time)
{
    private const long LookMs = 100;

    /// <summary>A record that is as large without an <c>up</c> is the first part of a scrape.</summary>
    private const int LargePart = 5_000;

    private readonly SpeechTable _table = inbox.Table;
    private readonly SettledLog _ages = new(published.Position);
    private readonly List<Part> _parts = [];
    private readonly List<Decided> _decided = [];
    private Action<OwnScrape, Fate>? _decide;
    private long _nextLookMs;

    private readonly record struct Part(int Slot, long TimestampMs, int Count, WalPosition Record);

    private readonly record struct Decided(WalPosition Record, bool OnlyMarkers);

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    public ReplicaRecord Read(ReadOnlySpan<byte> record) => series.Read(record);

    /// <summary>What the other slots say of the time of the record has been heard by now: it has been in the log for long enough.</summary>
    public bool IsSettled(in ReplicaRecord read, WalPosition at) => read.Slot < 0 || _ages.IsOlder(at, NowMs - _table.Terms.SettleMs);

    /// <summary>Takes a record that is settled. False when the queue ends before all of it found room.</summary>
    /// <param name="at">The start of the record, and <paramref name="end"/> its end.</param>
    public bool TryTake(ShardSet shards, in ReplicaRecord read, ReadOnlySpan<byte> record, WalPosition at, WalPosition end)
    {
        if (read.Slot is < 0 or > ReplicaSeries.StandIn)
        {
            return sink.TryTake(shards, record, at, end);
        }

        if (!read.HasUp)
        {
            return TryTakePart(shards, read, record, at, end);
        }

        var nowMs = NowMs;
        var target = _table.TargetOf(read.Key);
        var own = new OwnScrape(
            read.Slot, target.DueOf(read.Slot, read.TimestampMs), read.Result, read.HasMarkers, _table.IsOld(read.TimestampMs), at)
        {
            Samples = read.Count,
        };
        TakeParts(own, read);
        if (own.Slot == 0 && own.Result != ScrapeResult.Failed)
        {
            target.Review(nowMs, _decide ??= Decide, own.DueMs);
        }

        var fate = target.Judge(own, nowMs);
        if (fate == Fate.Sent)
        {
            CountSent(own);
            Add(own.FirstRecords, onlyMarkers: false);
            return TrySendDecided(shards, at) && sink.TryTake(shards, record, at, end);
        }

        Decide(own, fate);
        sink.PassOver(shards, read.TimestampMs, read.Count, at, end);
        return true;
    }

    /// <summary>Hears the news and sends what was decided. To be called ten times a second or more; false when the queue ends.</summary>
    /// <param name="position">Everything before it was given to the shards.</param>
    public bool TryTend(ShardSet shards, WalPosition position)
    {
        if (inbox.News.IsEmpty && Environment.TickCount64 < _nextLookMs)
        {
            return true;
        }

        _nextLookMs = Environment.TickCount64 + LookMs;
        var nowMs = NowMs;
        _ages.Note(published.Position, nowMs, nowMs - _table.Terms.SettleMs);
        Listen();
        _table.Review(nowMs, _decide ??= Decide);
        metrics.ReplicaScrapesKept.Set(_table.Kept);
        return TrySendDecided(shards, position);
    }

    /// <summary>Hears the news, which must not pile up while the receiver is away.</summary>
    public void Listen()
    {
        var nowMs = NowMs;
        while (inbox.News.TryDequeue(out var news))
        {
            Hear(news, nowMs);
        }

        _table.Tick(nowMs);
    }

    /// <summary>The queue ends: nobody is waited for any more.</summary>
    public void Finish(ShardSet shards, WalPosition position)
    {
        _table.Review(NowMs, _decide ??= Decide, before: long.MaxValue - 1);
        TrySendDecided(shards, position);
    }

    private void Hear(News news, long nowMs)
    {
        switch (news)
        {
            case News.Planned planned:
                _table.Plan(planned.Key, planned.Slot, planned.DueMs, planned.IntervalMs, nowMs);
                break;
            case News.Told told:
                _table.Told(told.Node, told.Number, told.Scrapes, nowMs);
                foreach (var (queue, number) in told.Answered)
                {
                    if (queue == inbox.Queue)
                    {
                        _table.Answered(told.Node, number, nowMs);
                    }
                }

                break;
            case News.Restarted restarted:
                _table.Restarted(restarted.Node);
                break;
            case News.Died died:
                _table.Died(died.Node, nowMs);
                break;
        }
    }

    private void Decide(OwnScrape own, Fate fate)
    {
        switch (fate)
        {
            case Fate.Sent:
                CountSent(own);
                Add(own.FirstRecords, onlyMarkers: false);
                _decided.Add(new Decided(own.Record, OnlyMarkers: false));
                break;
            case Fate.OnlyMarkers:
                metrics.Dropped(DropReason.OtherReplica, own.Samples);
                Add(own.FirstRecords, onlyMarkers: true);
                _decided.Add(new Decided(own.Record, OnlyMarkers: true));
                break;
            case Fate.HeldBack:
                metrics.Dropped(DropReason.OtherReplica, own.Samples);
                break;
        }
    }

    private void Add(List<WalPosition>? records, bool onlyMarkers)
    {
        foreach (var record in records ?? [])
        {
            _decided.Add(new Decided(record, onlyMarkers));
        }
    }

    private void CountSent(OwnScrape own)
    {
        if (own.Slot > 0)
        {
            metrics.StoodIn.Add(own.Samples);
        }
    }

    /// <summary>
    /// A record of a slot without an <c>up</c>: the first part of a scrape that is too large for one, or what is sent again of the scrape before. The primary's goes on, unless it may
    /// belong to a scrape that failed.
    /// </summary>
    private bool TryTakePart(ShardSet shards, in ReplicaRecord read, ReadOnlySpan<byte> record, WalPosition at, WalPosition end)
    {
        if (read.Slot == 0 && !read.IsOnlyMarkers)
        {
            return sink.TryTake(shards, record, at, end);
        }

        _parts.Add(new Part(read.Slot, read.TimestampMs, read.Count, at));
        sink.PassOver(shards, read.TimestampMs, read.Count, at, end);
        return true;
    }

    private void TakeParts(OwnScrape own, in ReplicaRecord read)
    {
        foreach (var part in _parts)
        {
            if (part.Slot == read.Slot && (part.TimestampMs == read.TimestampMs || part.Count >= LargePart))
            {
                own.FirstRecords ??= [];
                own.FirstRecords.Add(part.Record);
                own.Samples += part.Count;
            }
            else if (part.Slot == 0)
            {
                // Markers of series that were refused in the scrape before.
                _decided.Add(new Decided(part.Record, OnlyMarkers: false));
            }
            else
            {
                metrics.Dropped(DropReason.OtherReplica, part.Count);
            }
        }

        _parts.Clear();
    }

    private bool TrySendDecided(ShardSet shards, WalPosition position)
    {
        if (_decided.Count == 0 || !gate.IsOpen(position) || new SamplePosition(position) < shards.Boundaries.Highest)
        {
            return true;
        }

        // In the order of the log, in which the samples of a series are.
        _decided.Sort(static (one, other) => one.Record.CompareTo(other.Record));
        foreach (var (record, onlyMarkers) in _decided)
        {
            if (!TrySend(shards, record, onlyMarkers, position))
            {
                return false;
            }
        }

        _decided.Clear();

        // The primary's next sample is not to be there first.
        shards.SendNow();
        return true;
    }

    private bool TrySend(ShardSet shards, WalPosition record, bool onlyMarkers, WalPosition position)
    {
        try
        {
            using var log = new WalTailer(walDirectory, published, record);
            if (log.LostSegments == 0 && log.TryRead(out var bytes) && log.RecordPosition == record)
            {
                return sink.TryAddApart(shards, bytes, record, position, onlyMarkers);
            }
        }
        catch (IOException)
        {
            // Removed between two looks: counted as the segments that the log lost are.
        }

        metrics.LostSegments.Inc();
        return true;
    }
}
