using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>The target sets that this node needs, each the newest that could be read. Nothing is taken away before something better is there.</summary>
/// <remarks>Pure: says what is to be read, and takes what was.</remarks>
internal sealed class TargetShelf
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RepeatDamagedAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<BucketRef, ShelvedSet> _sets = [];
    private readonly Dictionary<BucketRef, DateTimeOffset> _notBefore = [];
    private readonly Dictionary<BucketRef, long> _damaged = [];
    private IReadOnlyDictionary<BucketRef, long> _versions = new Dictionary<BucketRef, long>();

    /// <param name="Version">-1: cut out of the set before a split; the store has a newer one.</param>
    private sealed record ShelvedSet(long Version, TargetSet Set, StoredTargetSet? Stored);

    /// <summary>The newest versions by the store.</summary>
    public void See(IReadOnlyDictionary<BucketRef, long> versions) => _versions = versions;

    public TargetSet? Find(BucketRef bucket) => _sets.GetValueOrDefault(bucket)?.Set;

    /// <summary>As read from the store; null for what did not come from there.</summary>
    public StoredTargetSet? Stored(BucketRef bucket) => _sets.GetValueOrDefault(bucket)?.Stored;

    /// <summary>What of these is to be read now.</summary>
    public List<BucketRef> Missing(IEnumerable<BucketRef> needed, DateTimeOffset now)
    {
        return [.. needed.Distinct().Where(bucket => IsMissing(bucket) && now >= _notBefore.GetValueOrDefault(bucket))];
    }

    /// <summary>True when it holds other targets than what was here.</summary>
    public bool Put(StoredTargetSet stored, TargetSet set)
    {
        _notBefore.Remove(stored.Bucket);
        _damaged.Remove(stored.Bucket);
        var known = _sets.GetValueOrDefault(stored.Bucket);
        if (known is not null && known.Version >= stored.Version)
        {
            return false;
        }

        var isSame = known?.Stored?.Checksum == stored.Checksum;
        _sets[stored.Bucket] = new ShelvedSet(stored.Version, isSame ? known!.Set : set, stored);
        return !isSame;
    }

    /// <summary>It could not be read: what is here is kept, and it is asked for again.</summary>
    public void Failed(BucketRef bucket, DateTimeOffset now) => _notBefore[bucket] = now + RepeatAfter;

    /// <summary>It was read and cannot be used. True when that is news, and not the same damage read again.</summary>
    public bool Damaged(StoredTargetSet stored, DateTimeOffset now)
    {
        _notBefore[stored.Bucket] = now + RepeatDamagedAfter;
        var isNews = _damaged.GetValueOrDefault(stored.Bucket, -1) != stored.Version;
        _damaged[stored.Bucket] = stored.Version;
        return isNews;
    }

    /// <summary>The bucket came out of another by a split: until its own set is read, its targets are those of the old set that fall into it.</summary>
    public void Derive(BucketRef bucket, BucketRef from)
    {
        if (!_sets.ContainsKey(bucket) && _sets.TryGetValue(from, out var whole))
        {
            var targets = whole.Set.Targets.Where(target => BucketKey.Of(target.Hash, bucket.Count) == bucket.Key.Bucket);
            _sets.Add(bucket, new ShelvedSet(-1, new TargetSet([.. targets], whole.Set.ForcedFault), null));
        }
    }

    public void KeepOnly(IReadOnlySet<BucketRef> needed)
    {
        foreach (var bucket in _sets.Keys.Concat(_notBefore.Keys).Where(bucket => !needed.Contains(bucket)).ToList())
        {
            _sets.Remove(bucket);
            _notBefore.Remove(bucket);
            _damaged.Remove(bucket);
        }
    }

    private bool IsMissing(BucketRef bucket)
    {
        return !_sets.TryGetValue(bucket, out var known) || (_versions.TryGetValue(bucket, out var newest) && newest > known.Version);
    }
}
