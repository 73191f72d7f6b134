namespace ScrapeCluster.Cluster;

internal static partial class LogIds
{
    public const int MemberJoined = 8000;
    public const int JoinRefused = 8001;
    public const int MemberExpelled = 8002;
    public const int LeadTaken = 8003;
    public const int LeadLost = 8004;
    public const int LeaderWatches = 8005;
    public const int LeaderDied = 8006;
    public const int StoreLost = 8007;
    public const int StoreBack = 8008;
    public const int StoreWentBack = 8009;
    public const int StoreCaughtUp = 8010;
    public const int MemberLeaves = 8011;
    public const int MemberLeft = 8012;
    public const int ClusterTimeSet = 8013;
    public const int MachineClockWrong = 8014;
    public const int MemberForgotten = 8015;
    public const int StoreRepaired = 8016;
    public const int AssignmentNotKept = 8017;
    public const int AssignmentRestored = 8018;
    public const int AssignmentNotRestored = 8019;
    public const int StreamBroke = 8020;
    public const int MemberDied = 8021;
    public const int LeaderResigns = 8022;
    public const int MemberReleased = 8023;
    public const int LeaderAsked = 8024;
    public const int TakenOver = 8025;
    public const int AssignmentUnread = 8026;
}
