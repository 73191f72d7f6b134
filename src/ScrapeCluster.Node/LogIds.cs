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
    public const int FlushCut = 7008;
    public const int HeapTidied = 7009;
    public const int FlagWarning = 7010;
    public const int SectionIgnored = 7011;
    public const int ConfigWarning = 7012;
    public const int JobSkipped = 7013;
    public const int ConfigLoaded = 7020;
    public const int ConfigRefused = 7021;
    public const int ActorLine = 7030;
    public const int LeaderBegins = 7040;
    public const int StoreWaits = 7041;
    public const int StoreFound = 7042;
    public const int PeersListening = 7043;
    public const int Leaving = 7044;
    public const int Left = 7045;
    public const int LeftWithSlots = 7046;
    public const int DrainCut = 7047;
    public const int DrainUnanswered = 7048;
    public const int LeftToNobody = 7049;
    public const int ConfigPublished = 7060;
    public const int ConfigFollowed = 7061;
    public const int ConfigDrifts = 7062;
    public const int ConfigUnreachable = 7063;
    public const int ConfigNotKept = 7064;
    public const int ConfigWentBack = 7065;
    public const int ReceivedBad = 7070;
    public const int Fatal = 7090;
    public const int StorageLost = 7091;
    public const int ProcessHangs = 7092;
}
