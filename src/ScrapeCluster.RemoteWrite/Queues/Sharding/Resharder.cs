using ScrapeCluster.Storage;

namespace ScrapeCluster.RemoteWrite.Queues.Sharding;

/// <summary>Asks the rule every ten seconds how many shards a queue should have, and has them changed when the receiver is known to be well.</summary>
internal sealed class Resharder(
    ShardCount rule, QueueWork work, ReshardPermit permit, AppendedSamples appended, QueueMetrics metrics, Func<int> current, Action<int> change, TimeProvider time)
{
    private readonly long _appendedBefore = appended.Count;

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var rounds = new PeriodicTimer(ShardCount.Interval, time);
        try
        {
            while (await rounds.WaitForNextTickAsync(cancellation))
            {
                Round();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The queue ends.
        }
    }

    /// <summary>Once every <see cref="ShardCount.Interval"/>.</summary>
    public void Round()
    {
        var number = current();
        var next = rule.Next(number, work.Totals(appended.Count - _appendedBefore), Delay());
        metrics.ShardsDesired.Set(rule.Desired);
        if (next != number && permit.Allows(time.GetUtcNow()))
        {
            change(next);
        }
    }

    /// <summary>Between the newest timestamp in the log and the newest that was sent; none before something was sent.</summary>
    private TimeSpan Delay()
    {
        var sentMs = metrics.HighestSentMs;
        return sentMs == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Max(0, appended.HighestMs - sentMs));
    }
}
