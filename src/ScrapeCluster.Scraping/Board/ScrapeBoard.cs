using System.Collections.Immutable;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// What scraping looks like from outside: read by the HTTP API and the page at any time from any thread. Actors replace immutable pieces
/// of it; nobody waits for an actor to read it.
/// </summary>
public sealed class ScrapeBoard : IScrapeGauge
{
    private volatile IReadOnlyList<JobSnapshot> _jobs = [];
    private ImmutableDictionary<(string Job, int Slot), PoolBoard> _pools = ImmutableDictionary<(string, int), PoolBoard>.Empty;

    private long _scrapesEnded;

    public long ScrapesEnded => Interlocked.Read(ref _scrapesEnded);

    /// <summary>Configured jobs in the order of the configuration, those that failed included.</summary>
    public IReadOnlyList<JobSnapshot> Jobs => Overlay(_jobs);

    /// <summary>Active targets of this node, by pool and then by URL; of one pool when <paramref name="pool"/> is given.</summary>
    public IReadOnlyList<TargetSnapshot> ActiveTargets(string? pool = null)
    {
        var targets = new List<TargetSnapshot>();
        foreach (var cell in Cells(pool))
        {
            if (cell.ToSnapshot() is { } target)
            {
                targets.Add(target);
            }
        }

        targets.Sort(static (a, b) => (string.CompareOrdinal(a.Pool, b.Pool), string.CompareOrdinal(a.ScrapeUrl, b.ScrapeUrl), a.Hash.CompareTo(b.Hash)) switch
        {
            (not 0 and var byPool, _, _) => byPool,
            (_, not 0 and var byUrl, _) => byUrl,
            var (_, _, byHash) => byHash,
        });
        return targets;
    }

    /// <summary>What every active target says of its metric families.</summary>
    public IEnumerable<TargetMetadata> Metadata(string? pool = null)
    {
        foreach (var cell in Cells(pool))
        {
            if (cell.ToSnapshot() is { } target)
            {
                yield return new TargetMetadata(target, cell.Families);
            }
        }
    }

    public TimeSpan? ShortestInterval => Cells(null).Min(static cell => cell.DueInterval);

    public IEnumerable<TargetLoad> Loads() => Cells(null).Select(static cell => cell.ToLoad()).OfType<TargetLoad>();

    internal void CountScrape() => Interlocked.Increment(ref _scrapesEnded);

    internal void Publish(IReadOnlyList<JobSnapshot> jobs) => _jobs = jobs;

    internal void Add(PoolBoard pool) => ImmutableInterlocked.AddOrUpdate(ref _pools, (pool.Job, pool.Slot), pool, (_, _) => pool);

    internal void Remove(PoolBoard pool)
    {
        // A successor of the same name may be on the board already.
        ImmutableInterlocked.Update(ref _pools, pools =>
            pools.TryGetValue((pool.Job, pool.Slot), out var present) && present == pool ? pools.Remove((pool.Job, pool.Slot)) : pools);
    }

    private IEnumerable<TargetCell> Cells(string? pool)
    {
        return Volatile.Read(ref _pools).Values.Where(p => pool is null || p.Job == pool).SelectMany(p => p.Targets);
    }

    private IReadOnlyList<JobSnapshot> Overlay(IReadOnlyList<JobSnapshot> jobs)
    {
        var failures = Volatile.Read(ref _pools).Values.Where(p => p.Failure is not null).GroupBy(p => p.Job).ToDictionary(p => p.Key, p => p.First().Failure);
        return failures.Count == 0 ? jobs : [.. jobs.Select(j => failures.TryGetValue(j.Job, out var failure) ? j with { Failure = failure } : j)];
    }
}
