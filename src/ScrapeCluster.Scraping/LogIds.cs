namespace ScrapeCluster.Scraping;

/// <summary>Event ids of this project: 2000 to 2999.</summary>
internal static class LogIds
{
    public const int ScrapeFailed = 2000;
    public const int StorageRefused = 2001;
    public const int StorageSilent = 2002;
    public const int SamplesRefused = 2003;
    public const int LinesUnreadable = 2004;

    public const int PoolStarted = 2100;
    public const int PoolReloaded = 2101;
    public const int PoolFailed = 2102;
    public const int PoolStopped = 2103;
    public const int LoopRestarted = 2104;

    public const int ConfigApplied = 2200;
    public const int TargetsInvalid = 2201;
    public const int TargetLimitExceeded = 2202;
    public const int JobFailed = 2203;
}
