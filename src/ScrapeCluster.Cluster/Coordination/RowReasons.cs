using ScrapeCluster.Cluster.Placement;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>
/// The words in a row's reason: for people, and for the next leader, which must know from the row alone whether a bucket is under suspicion of killing its owners.
/// </summary>
internal static class RowReasons
{
    public const string Split = "split";
    public const string Released = "released from quarantine" + Suspicion;

    private const string Suspicion = ", suspected";
    private const string Quarantine = "quarantined: ";
    private const string NotWanted = "not wanted: ";
    private const string Leaving = "leaving";
    private const string OrphanedBy = "orphaned by ";

    public static string Of(MoveReason reason) => reason switch
    {
        MoveReason.New => "new",
        MoveReason.Orphaned => "orphaned",
        MoveReason.Leaving => Leaving,
        MoveReason.Pinned => "pinned",
        _ => "balance",
    };

    public static string Orphaned(string owner, bool isSuspected) => $"{OrphanedBy}{owner}{(isSuspected ? " soon after it took it" + Suspicion : "")}";

    public static string Quarantined(string previous, string last) => $"{Quarantine}{previous} and {last} died soon after taking it; scrapectl shard release lets somebody try it again";

    public static string Unwanted(int replicas) => $"{NotWanted}cluster.replicas is {replicas}";

    /// <summary>Its owner before died soon after taking it.</summary>
    public static bool IsSuspected(string reason) => reason.EndsWith(Suspicion, StringComparison.Ordinal);

    /// <summary>Its owner went, in order or not.</summary>
    public static bool IsTakenOver(string reason) => reason == Leaving || IsOrphaned(reason);

    /// <summary>Its owner was declared dead.</summary>
    public static bool IsOrphaned(string reason) => reason.StartsWith(OrphanedBy, StringComparison.Ordinal);

    public static bool IsUnwanted(string reason) => reason.StartsWith(NotWanted, StringComparison.Ordinal);

    public static bool IsQuarantined(string reason) => reason.StartsWith(Quarantine, StringComparison.Ordinal);
}
