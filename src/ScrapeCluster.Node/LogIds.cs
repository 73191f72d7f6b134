namespace ScrapeCluster.Node;

/// <summary>Event ids of this project's log lines: 7000 to 7999.</summary>
internal static class LogIds
{
    public const int Starting = 7000;
    public const int Listening = 7001;
    public const int Ready = 7002;
    public const int Stopping = 7003;
    public const int Stopped = 7004;
    public const int StopTookTooLong = 7005;
    public const int ClockSetBack = 7006;
    public const int ClockSetForward = 7007;
    public const int FlagWarning = 7010;
    public const int SectionIgnored = 7011;
    public const int ConfigWarning = 7012;
    public const int JobSkipped = 7013;
    public const int ConfigLoaded = 7020;
    public const int ConfigRefused = 7021;
    public const int ActorLine = 7030;
    public const int Fatal = 7090;
    public const int StorageLost = 7091;
}
