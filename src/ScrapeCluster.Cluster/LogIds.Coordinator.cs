namespace ScrapeCluster.Cluster;

internal static partial class LogIds
{
    public const int CoordinatorLoaded = 8050;
    public const int PlacementOpens = 8051;
    public const int CoordinatorStoreSilent = 8052;
    public const int CommitFenced = 8053;
    public const int CommitOvertaken = 8054;
    public const int JobNotEncoded = 8055;
    public const int MoveNotPrepared = 8056;
    public const int MovesAbandoned = 8057;
    public const int JobHeldBack = 8058;
    public const int CoordinatorStoreAnswers = 8059;
}
