using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Clustering;

/// <summary>The way out of a node that was told to stop: first the others take what it scrapes, unless it is told to hurry.</summary>
internal static class Departure
{
    private const int MostNamed = 5;

    /// <param name="owned">What this node has to hand over at this moment.</param>
    public static async Task RunAsync(
        Func<CancellationToken, Task<HasLeft>> leave, Func<IReadOnlyCollection<SlotKey>> owned, TimeSpan deadline, ILogger log, CancellationToken hurry)
    {
        log.Leaving(deadline);
        try
        {
            var left = await leave(hurry);
            if (left.Owned == 0)
            {
                log.Left();
            }
            else if (left.NobodyCould)
            {
                log.LeftToNobody(left.Owned);
            }
            else
            {
                log.LeftWithSlots(left.Owned, deadline);
            }
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            var kept = owned();
            log.DrainCut(kept.Count, Named(kept));
        }
        catch (AskTimeoutException)
        {
            log.DrainUnanswered(deadline);
        }
    }

    private static string Named(IReadOnlyCollection<SlotKey> slots) =>
        slots.Count == 0 ? "" : $" ({string.Join(", ", slots.Order().Take(MostNamed))}{(slots.Count > MostNamed ? ", ..." : "")})";
}
