namespace ScrapeCluster.Node.Clustering;

internal static partial class ClusterLog
{
    [LoggerMessage(LogIds.LeaderBegins, LogLevel.Information, "This node leads under epoch {Epoch}: discovery, the manager and the coordinator start here")]
    public static partial void LeaderBegins(this ILogger logger, long epoch);

    [LoggerMessage(LogIds.StoreWaits, LogLevel.Warning, "The cluster's database does not answer, and the node joins when it does; until then it scrapes what it had when it ran last: {Fault}")]
    public static partial void StoreWaits(this ILogger logger, string fault);

    [LoggerMessage(LogIds.StoreFound, LogLevel.Information, "The cluster's database answers, after {Duration}")]
    public static partial void StoreFound(this ILogger logger, TimeSpan duration);

    [LoggerMessage(LogIds.PeersListening, LogLevel.Information, "Listening for other nodes on {Listening}; they are told {Address}")]
    public static partial void PeersListening(this ILogger logger, string listening, string address);

    [LoggerMessage(LogIds.Leaving, LogLevel.Information, "Leaving the cluster: what this node scrapes is handed over within {Deadline}; a second signal cuts that short")]
    public static partial void Leaving(this ILogger logger, TimeSpan deadline);

    [LoggerMessage(LogIds.Left, LogLevel.Information, "Left the cluster in order")]
    public static partial void Left(this ILogger logger);

    [LoggerMessage(LogIds.LeftToNobody, LogLevel.Information, "Left the cluster; {Slots} slots could be taken by no other node, and are when one joins")]
    public static partial void LeftToNobody(this ILogger logger, int slots);

    [LoggerMessage(LogIds.LeftWithSlots, LogLevel.Warning, "Left the cluster with {Slots} slots that nobody took within {Deadline} (scrapecluster.cluster.drain-timeout); others take them over as after a crash")]
    public static partial void LeftWithSlots(this ILogger logger, int slots, TimeSpan deadline);

    [LoggerMessage(LogIds.DrainUnanswered, LogLevel.Warning, "The cluster did not let this node go within {Deadline}; others take over as after a crash")]
    public static partial void DrainUnanswered(this ILogger logger, TimeSpan deadline);

    [LoggerMessage(LogIds.DrainCut, LogLevel.Warning, "Told again to stop: {Slots} slots are not handed over{Named}; others take over as after a crash")]
    public static partial void DrainCut(this ILogger logger, int slots, string named);
}
