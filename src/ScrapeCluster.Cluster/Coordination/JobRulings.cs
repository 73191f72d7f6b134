using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>Which target sets are written, which jobs end, when a job is cut into more buckets. Pure.</summary>
internal static class JobRulings
{
    public static void Apply(Situation situation, Draft draft)
    {
        if (situation.Configured is { } configured)
        {
            End(situation.Ledger, configured, draft);
        }

        foreach (var job in situation.Jobs)
        {
            var name = job.Source.Job;
            if (situation.Configured?.Contains(name) == false)
            {
                draft.Jobs.Add(job);
                continue;
            }

            var present = situation.Ledger.Counts.GetValueOrDefault(name);
            if (job.Count == present || present == 0)
            {
                Update(job, situation, draft);
            }
            else if (job.Count > present && !IsMoving(name, situation))
            {
                Split(job, present, situation, draft);
            }
        }
    }

    /// <summary>
    /// A slot that changes hands has two nodes that know it by its old count, and they must finish with it. Of moves before our time only the row tells: they are over
    /// when nobody waits for them any more.
    /// </summary>
    public static bool IsMoving(string job, Situation situation)
    {
        return situation.Moves.InFlight.Any(move => move.Slot.Bucket.Job == job)
            || situation.Ledger.Rows.Values.Any(row => row.Slot.Bucket.Job == job && row.Previous.Length > 0 && IsBetween(row, situation));
    }

    private static bool IsBetween(Assignment row, Situation situation)
    {
        if (row.EffectiveAt > situation.Now)
        {
            return true;
        }

        return situation.Now - row.EffectiveAt < situation.Terms.Moves.SettleWithin
            && situation.Ledger.Find(row.Previous) is { State: MemberState.Up or MemberState.Leaving } previous
            && situation.Reports.HasReported(previous)
            && situation.Reports.Of(row.Previous)!.Slots?.Contains(row.Slot) != false;
    }

    private static void End(Ledger ledger, IReadOnlyCollection<string> configured, Draft draft)
    {
        foreach (var (job, count) in ledger.Counts)
        {
            if (!configured.Contains(job))
            {
                Remove(ledger, job, draft);
                draft.Note("job", job, $"ended, with its {count} buckets");
            }
        }
    }

    private static void Update(EncodedJob job, Situation situation, Draft draft)
    {
        draft.Jobs.Add(job);
        for (var bucket = 0; bucket < job.Count; bucket++)
        {
            var key = new BucketRef(new BucketKey(job.Source.Job, bucket), job.Count);
            if (!situation.Ledger.Sets.TryGetValue(key, out var known) || known.Checksum != job.Buckets[bucket].Set.Checksum)
            {
                Write(key, job.Buckets[bucket], situation.Ledger, draft);
            }
        }
    }

    /// <summary>Every part stays with its bucket's owner, so that nothing moves and nothing is missed.</summary>
    private static void Split(EncodedJob job, int present, Situation situation, Draft draft)
    {
        var name = job.Source.Job;
        draft.Jobs.Add(job);
        Remove(situation.Ledger, name, draft);
        for (var bucket = 0; bucket < job.Count; bucket++)
        {
            Write(new BucketRef(new BucketKey(name, bucket), job.Count), job.Buckets[bucket], situation.Ledger, draft);
        }

        foreach (var row in situation.Ledger.Rows.Values.Where(row => row.Slot.Bucket.Job == name))
        {
            for (var bucket = row.Slot.Bucket.Bucket; bucket < job.Count; bucket += present)
            {
                var slot = new SlotKey(new BucketKey(name, bucket), row.Slot.Slot);
                draft.Put(slot, job.Count, row.Owner, "", row.EffectiveAt, row.Owner.Length > 0 ? RowReasons.Split : row.Reason);
            }
        }

        draft.Note("split", name, $"{present} buckets became {job.Count}");
    }

    private static void Remove(Ledger ledger, string job, Draft draft)
    {
        // Rows of another count than their sets' would be a fault of ours; they must not outlive the job.
        draft.Removed.UnionWith(ledger.Sets.Keys.Where(bucket => bucket.Key.Job == job));
        draft.Removed.UnionWith(ledger.Rows.Values.Where(row => row.Slot.Bucket.Job == job).Select(row => new BucketRef(row.Slot.Bucket, row.Count)));
    }

    /// <remarks>
    /// A set's version is that of the commit that wrote it: rising for ever, also for a job that ended and came back.
    /// </remarks>
    private static void Write(BucketRef bucket, EncodedBucket encoded, Ledger ledger, Draft draft) =>
        draft.Put(bucket, new DraftSet(new KnownSet(ledger.Version + 1, encoded.Set.Checksum, encoded.Targets.Count, encoded.SlowestInterval), encoded.Set.Packed));
}
