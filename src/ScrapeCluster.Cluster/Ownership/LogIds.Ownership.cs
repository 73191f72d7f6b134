namespace ScrapeCluster.Cluster;

internal static partial class LogIds
{
    public const int TargetSetDamaged = 8100;
    public const int TargetSetsUnread = 8101;
    public const int PrepareRefused = 8102;
    public const int Doubled = 8103;
    public const int OwnershipEnded = 8104;
    public const int OwnershipRestarted = 8105;
}
