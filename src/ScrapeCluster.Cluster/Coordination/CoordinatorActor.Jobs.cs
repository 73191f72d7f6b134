using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>The way of a job's targets from the manager to its buckets.</summary>
public sealed partial class CoordinatorActor
{
    /// <summary>The newest targets of each job, kept for the day on which it is cut into more buckets.</summary>
    private readonly Dictionary<string, JobTargets> _sources = new(StringComparer.Ordinal);

    /// <summary>Jobs that are to be encoded as soon as they are not being encoded.</summary>
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _encoding = new(StringComparer.Ordinal);

    /// <summary>What each job was encoded as last, whatever became of it: buckets that stay as they are need not be packed again.</summary>
    private readonly Dictionary<string, EncodedJob> _last = new(StringComparer.Ordinal);

    /// <summary>Ready for the next decision.</summary>
    private readonly Dictionary<string, EncodedJob> _encoded = new(StringComparer.Ordinal);

    /// <summary>Jobs that ask for more buckets, and whose slots begin no move until they have them.</summary>
    private readonly HashSet<string> _growing = new(StringComparer.Ordinal);

    /// <summary>Jobs whose sets this leader has taken from discovery.</summary>
    private readonly HashSet<string> _followed = new(StringComparer.Ordinal);

    private sealed record JobEncoded(string Job, EncodedJob? Encoded, Exception? Cause);

    private void Take(JobTargets targets)
    {
        _sources[targets.Job] = targets;
        if (_configured?.Contains(targets.Job) != false)
        {
            _waiting.Add(targets.Job);
            EncodeWaiting();
        }
    }

    private void Take(JobsConfigured jobs)
    {
        // Targets of a job may come before the word that there is such a job.
        _waiting.UnionWith(_sources.Keys.Where(job => _configured?.Contains(job) == false && jobs.Jobs.Contains(job)));
        _configured = jobs.Jobs.ToHashSet(StringComparer.Ordinal);
        foreach (var job in _sources.Keys.Where(job => !_configured.Contains(job)).ToList())
        {
            _sources.Remove(job);
            _waiting.Remove(job);
            _last.Remove(job);
            _encoded.Remove(job);
            _growing.Remove(job);
        }

        _moves.Cancel(move => !_configured.Contains(move.Slot.Bucket.Job));
        EncodeWaiting();
        Decide();
    }

    private void EncodeWaiting()
    {
        if (!_isLoaded || _waiting.Count == 0)
        {
            return;
        }

        var loads = BucketLoads.Of(_ledger.Sets, _reports.Measured);
        foreach (var job in _waiting.Where(job => !_encoding.Contains(job)).ToList())
        {
            _waiting.Remove(job);
            if (IsHeldBack(_sources[job]))
            {
                _sources.Remove(job);
                continue;
            }

            _encoding.Add(job);
            var (source, count, last) = (_sources[job], CountOf(_sources[job], loads), _last.GetValueOrDefault(job));
            Beside(() => JobEncoder.Encode(source, count, last)).PipeTo(
                Self, Self, encoded => new JobEncoded(job, encoded, null), cause => new JobEncoded(job, null, cause));
        }
    }

    /// <summary>
    /// A leader that has just begun and cannot see all of a job's discovery keeps the targets that its predecessor stored; once it has taken a set itself, it
    /// follows whatever discovery says.
    /// </summary>
    private bool IsHeldBack(JobTargets source)
    {
        if (!source.IsPartial || _followed.Contains(source.Job) || !_ledger.Counts.ContainsKey(source.Job))
        {
            _followed.Add(source.Job);
            return false;
        }

        LogHeldBack(source.Job);
        return true;
    }

    private void Take(JobEncoded message)
    {
        _encoding.Remove(message.Job);
        if (message.Encoded is not { } encoded)
        {
            LogNotEncoded(message.Job, message.Cause!.Message);
            return;
        }

        if (!_sources.TryGetValue(message.Job, out var source))
        {
            return;
        }

        if (!ReferenceEquals(source, encoded.Source))
        {
            _waiting.Add(message.Job);
        }

        _last[message.Job] = _encoded[message.Job] = encoded;
        EncodeWaiting();
        Decide();
        Reconsider();
    }

    /// <summary>What a decision left over was cut for a count that cannot be had now, since a slot of it moves: its targets must not wait for that.</summary>
    private void Reconsider()
    {
        if (_inFlight is null && _isLoaded && Leads && _encoded.Count > 0)
        {
            _waiting.UnionWith(_encoded.Keys);
            _encoded.Clear();
            EncodeWaiting();
        }
    }

    private int CountOf(JobTargets job, BucketLoads loads)
    {
        var present = _ledger.Counts.GetValueOrDefault(job.Job);
        var wanted = WantedCount(job, loads);
        if (wanted == present || present == 0)
        {
            _growing.Remove(job.Job);
            return wanted;
        }

        _growing.Add(job.Job);
        return JobRulings.IsMoving(job.Job, SituationNow(Evening.Nothing)) ? present : wanted;
    }

    private int WantedCount(JobTargets job, BucketLoads loads)
    {
        var nodes = Math.Max(1, _ledger.Members.Count(member => member.State is MemberState.Joining or MemberState.Up));
        var load = loads.OfJob(job.Job, job.Targets.Count);
        return BucketCounts.Next(_ledger.Counts.GetValueOrDefault(job.Job), job.Targets.Count, load, loads.TotalWith(job.Job, load) * _terms.Replicas / nodes);
    }

    /// <summary>Load or nodes may have grown, so that jobs want to be cut finer.</summary>
    private void GrowJobs(BucketLoads loads)
    {
        foreach (var job in _sources.Values.Where(job => WantedCount(job, loads) > _ledger.Counts.GetValueOrDefault(job.Job)))
        {
            _growing.Add(job.Job);
            if (!JobRulings.IsMoving(job.Job, SituationNow(Evening.Nothing)))
            {
                _waiting.Add(job.Job);
            }
        }

        EncodeWaiting();
    }

    /// <summary>To be called before the ledger follows the split.</summary>
    private void SplitLoads(Draft draft)
    {
        foreach (var (bucket, set) in draft.Sets)
        {
            var present = _ledger.Counts.GetValueOrDefault(bucket.Key.Job);
            if (present > 0 && present < bucket.Count)
            {
                var from = new BucketRef(new BucketKey(bucket.Key.Job, bucket.Key.Bucket % present), present);
                var targets = _ledger.Sets.GetValueOrDefault(from).Targets;
                _reports.Split(from, bucket, targets > 0 ? Math.Min(1, (double)set.Known.Targets / targets) : 0);
                _growing.Remove(bucket.Key.Job);
            }
        }
    }
}
