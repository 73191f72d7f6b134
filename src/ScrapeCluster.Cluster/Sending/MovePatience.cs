using System.Globalization;
using ScrapeCluster.Cluster.Placement;

namespace ScrapeCluster.Cluster.Sending;

/// <summary>
/// Whether a planned move waits for what its old owner has to send. One that leaves has its deadline, and what it scrapes must be handed over before that: a move
/// from it waits for the first half of the time only. Pure.
/// </summary>
public static class MovePatience
{
    public static MoveVerdict Of(MoveReason reason, TimeSpan lag, TimeSpan lagLimit, TimeSpan leavesSince, TimeSpan drainTimeout)
    {
        if (lag <= lagLimit)
        {
            return MoveVerdict.Begins;
        }

        return reason != MoveReason.Leaving || leavesSince < drainTimeout / 2 ? MoveVerdict.Waits : MoveVerdict.BeginsLate;
    }

    /// <summary>For people.</summary>
    public static string Told(string node, TimeSpan lag, TimeSpan lagLimit) => string.Create(
        CultureInfo.InvariantCulture,
        $"remote write of {node} is {lag.TotalSeconds:0} s behind, more than {lagLimit.TotalSeconds:0} s (scrapecluster.cluster.send-lag-limit): planned moves from it wait");
}

public enum MoveVerdict
{
    Begins,
    Waits,

    /// <summary>Although its old owner is behind.</summary>
    BeginsLate,
}
