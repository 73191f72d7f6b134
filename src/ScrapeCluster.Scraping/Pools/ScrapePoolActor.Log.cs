using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Scraping;

internal sealed partial class ScrapePoolActor
{
    [LoggerMessage(LogIds.PoolStarted, LogLevel.Information, "Job {Job} scrapes {Count} targets")]
    private partial void LogStarted(string job, int count);

    [LoggerMessage(LogIds.PoolReloaded, LogLevel.Information, "Job {Job} takes its new configuration")]
    private partial void LogReloaded(string job);

    [LoggerMessage(LogIds.PoolFailed, LogLevel.Error, "Job {Job} cannot take its configuration, what ran before runs on: {Fault}")]
    private partial void LogFailed(string job, string fault);

    [LoggerMessage(LogIds.PoolStopped, LogLevel.Information, "Job {Job} is stopped")]
    private partial void LogStopped(string job);

    [LoggerMessage(LogIds.LoopRestarted, LogLevel.Error, "The loop of {Url} in job {Job} failed and is started anew")]
    private partial void LogLoopFailed(string job, string url);
}
