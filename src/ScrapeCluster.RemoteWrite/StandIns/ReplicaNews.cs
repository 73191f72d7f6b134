using System.Collections.Concurrent;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.StandIns;

/// <summary>What this node tells the nodes with the other slots, in one message.</summary>
/// <param name="Number">Rises by one a message.</param>
/// <param name="Answered">By queue: the highest message whose scrapes its receiver has.</param>
public sealed record ReplicaParcel(long Number, IReadOnlyList<ScrapeEnd> Scrapes, IReadOnlyList<KeyValuePair<string, long>> Answered);

/// <summary>
/// Between the scrapes of this node, the nodes with the other slots of its targets, and the queues, which decide by what they hear here what they send. Any thread; nothing waits.
/// </summary>
/// <param name="replicaLabel">With <paramref name="replicaPrefix"/> and the number of the slot as its value.</param>
public sealed class ReplicaNews(string replicaLabel, string replicaPrefix, TimeSpan goneAfter, WalPublication published, TimeProvider time) : IScrapeWitness
{
    /// <summary>While receivers are away: above it, the oldest are not told as answered any more.</summary>
    private const int MostMessages = 100_000;

    private readonly Lock _guard = new();
    private readonly List<NewsInbox> _inboxes = [];
    private readonly Dictionary<string, (long Session, long Number)> _heard = new(StringComparer.Ordinal);

    /// <summary>By name, also of those that have ended: what was sent stays sent.</summary>
    private readonly Dictionary<string, Func<WalPosition>> _answered = new(StringComparer.Ordinal);
    private readonly Queue<(long Number, WalPosition End)> _messages = new();
    private readonly Dictionary<string, long> _answeredNumbers = new(StringComparer.Ordinal);
    private List<ScrapeEnd> _scrapes = [];
    private long _number;

    public string ReplicaLabel => replicaLabel;

    internal StandInTerms Terms { get; init; } = new((long)goneAfter.TotalMilliseconds);

    /// <summary>Of this process: one that is new has heard nothing, and numbers anew.</summary>
    public long Session { get; } = time.GetUtcNow().UtcTicks;

    public void Ended(in ScrapeEnd end)
    {
        if (end.Slot > ReplicaSeries.StandIn)
        {
            return;
        }

        var planned = new News.Planned(end.Key, end.Slot, end.DueMs, end.IntervalMs);
        lock (_guard)
        {
            _scrapes.Add(end);
            Post(planned);
        }
    }

    /// <summary>Everything since the last call.</summary>
    public ReplicaParcel Take()
    {
        lock (_guard)
        {
            var scrapes = _scrapes;
            _scrapes = [];

            // What has ended is in the log already.
            _messages.Enqueue((++_number, published.Position));
            NoteAnswered();
            return new ReplicaParcel(_number, scrapes, [.. _answeredNumbers]);
        }
    }

    /// <summary>A message of another node; one that was heard already is passed over.</summary>
    public void Heard(string node, long session, long number, IReadOnlyList<ToldScrape> scrapes, IReadOnlyList<KeyValuePair<string, long>> answered)
    {
        lock (_guard)
        {
            if (_heard.TryGetValue(node, out var last) && last.Session != session)
            {
                Post(new News.Restarted(node));
                last = default;
            }

            if (number <= last.Number)
            {
                return;
            }

            _heard[node] = (session, number);
            Post(new News.Told(node, number, scrapes, answered));
        }

        published.Wake();
    }

    /// <summary>It was declared dead, or has left.</summary>
    public void Gone(string node)
    {
        lock (_guard)
        {
            Post(new News.Died(node));
        }

        published.Wake();
    }

    internal ReplicaSeries NewSeries() => new(replicaLabel, replicaPrefix);

    internal NewsInbox Open(string queue, Func<WalPosition> answered)
    {
        var inbox = new NewsInbox(queue, new SpeechTable(Terms, time.GetUtcNow().ToUnixTimeMilliseconds()));
        lock (_guard)
        {
            _inboxes.Add(inbox);
            _answered[queue] = answered;
        }

        return inbox;
    }

    internal void Close(NewsInbox inbox)
    {
        lock (_guard)
        {
            _inboxes.Remove(inbox);
        }
    }

    private void Post(News news)
    {
        foreach (var inbox in _inboxes)
        {
            inbox.News.Enqueue(news);
        }
    }

    private void NoteAnswered()
    {
        var lowest = default(WalPosition?);
        foreach (var (queue, answered) in _answered)
        {
            var place = answered();
            lowest = lowest is { } lower && lower.CompareTo(place) < 0 ? lower : place;
            var number = _answeredNumbers.GetValueOrDefault(queue);
            foreach (var (message, end) in _messages)
            {
                if (end.CompareTo(place) > 0)
                {
                    break;
                }

                number = Math.Max(number, message);
            }

            _answeredNumbers[queue] = number;
        }

        while (_messages.Count > (_answered.Count == 0 ? 0 : MostMessages) || (lowest is { } low && _messages.Count > 0 && _messages.Peek().End.CompareTo(low) <= 0))
        {
            _messages.Dequeue();
        }
    }
}

/// <summary>Where a queue finds what it has not read yet.</summary>
internal sealed class NewsInbox(string queue, SpeechTable table)
{
    public string Queue { get; } = queue;

    /// <summary>The queue's own.</summary>
    public SpeechTable Table { get; } = table;

    public ConcurrentQueue<News> News { get; } = new();
}

internal abstract record News
{
    /// <summary>A scrape of this node has ended.</summary>
    public sealed record Planned(ulong Key, int Slot, long DueMs, long IntervalMs) : News;

    public sealed record Told(string Node, long Number, IReadOnlyList<ToldScrape> Scrapes, IReadOnlyList<KeyValuePair<string, long>> Answered) : News;

    public sealed record Restarted(string Node) : News;

    public sealed record Died(string Node) : News;
}
