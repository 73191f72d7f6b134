using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>Buckets that an operator lets out of quarantine, for whoever must not wait until it is over by itself.</summary>
public sealed partial class CoordinatorActor
{
    /// <summary>Until the commit that carries it out.</summary>
    private readonly List<(BucketKey Bucket, IActorRef Asker)> _releases = [];

    private void Release(ReleaseBucket order)
    {
        if (!CanPlan)
        {
            Sender.Tell(WhyNoPlan(), Self);
            return;
        }

        _releases.Add((order.Bucket, Sender));
        _planIsDue = true;
        Decide();
    }

    /// <summary>Also of what was in no quarantine any more when its turn came: nobody waits for that.</summary>
    private void Released(Draft draft)
    {
        foreach (var (bucket, asker) in _releases.Where(release => draft.Released.ContainsKey(release.Bucket)))
        {
            asker.Tell(new BucketReleased([.. draft.Released[bucket].Select(slot => _ledger.Rows[slot])]), Self);
        }

        _releases.RemoveAll(release => draft.Released.ContainsKey(release.Bucket));
    }
}
