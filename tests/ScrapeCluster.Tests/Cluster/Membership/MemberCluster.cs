using System.Diagnostics;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Model;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>Nodes that share a clock, a store and a network.</summary>
public abstract class MemberCluster : IDisposable
{
    private readonly List<MemberNode> _nodes = [];

    protected MemberCluster()
    {
        Store = new FaultyStore(new InProcessStore(Time));
    }

    internal ManualTimeProvider Time { get; } = new();

    internal PeerNetwork Network { get; } = new();

    internal FaultyStore Store { get; }

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    internal static Assignment Row(string job, string owner, int bucket = 0) =>
        new(new SlotKey(new BucketKey(job, bucket), 0), 1, owner, "", DateTimeOffset.UnixEpoch, 0, 0, "new");

    internal static StoredTargetSet Set(string job, int bucket = 0) => new(new BucketRef(new BucketKey(job, bucket), 1), 1, 7, [1, 2, 3]);

    internal MemberNode Start(string name, Func<ClusterTerms, ClusterTerms>? terms = null, string? directory = null, Microsoft.Extensions.Logging.ILoggerFactory? loggers = null)
    {
        var node = new MemberNode(this, name, Store, terms, loggers, directory);
        _nodes.Add(node);
        node.Rest();
        Turn();
        return node;
    }

    /// <summary>A node that has joined and leads.</summary>
    internal MemberNode StartLeader(string name = "a", Func<ClusterTerms, ClusterTerms>? terms = null)
    {
        var node = Start(name, terms);
        node.Expect<ClusterNews.Leads>();
        return node;
    }

    /// <summary>Lets timers fire that are due now.</summary>
    internal void Turn() => Pass(TimeSpan.Zero);

    internal void Pass(TimeSpan time)
    {
        Time.Advance(time);
        foreach (var node in _nodes.Where(node => !node.Sys.WhenTerminated.IsCompleted))
        {
            node.Rest();
        }
    }

    /// <summary>Second by second, each one handled by all nodes before the next begins.</summary>
    internal void PassSeconds(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            Pass(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>
    /// Lets seconds pass until a node has such news. What is said once a second is said when the clock moves; who says it may still be on the way to wait for that
    /// when a test has let all its seconds pass, and on a clock that stands still it would wait for ever.
    /// </summary>
    internal T PassUntil<T>(MemberNode node, Predicate<T> fits)
        where T : ClusterNews
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (node.Look(fits) is { } news)
            {
                return news;
            }

            Assert.True(waited.Elapsed < MemberNode.Patience, $"no {typeof(T).Name} that fits on {node.Name}, at {Time.GetUtcNow():T}");
            PassSeconds(1);
        }
    }

    internal async Task CommitAsync(long epoch, params Assignment[] rows)
    {
        var version = (await Store.ReadAsync(0, CancellationToken.None)).AssignmentVersion;
        var sets = rows.Select(row => new StoredTargetSet(new BucketRef(row.Slot.Bucket, row.Count), 1, 7, [1, 2, 3])).ToList();
        var result = await Store.CommitAsync(new LeaderCommit(epoch, version) { Assignments = rows, TargetSets = sets }, CancellationToken.None);
        Assert.Equal(CommitOutcome.Committed, result.Outcome);
    }
}
