using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Scraping;

public sealed partial class ManagerActor
{
    [LoggerMessage(LogIds.ConfigApplied, LogLevel.Information, "{Jobs} jobs are configured, handed out in {Duration}")]
    private partial void LogApplied(int jobs, TimeSpan duration);

    [LoggerMessage(LogIds.TargetsInvalid, LogLevel.Warning, "Job {Job}: {Count} targets are left out, the first because: {Reason}")]
    private partial void LogInvalid(string job, int count, string reason);

    [LoggerMessage(LogIds.TargetLimitExceeded, LogLevel.Warning, "Job {Job} is not scraped: {Fault}; raise target_limit or drop targets by relabel_configs")]
    private partial void LogLimitExceeded(string job, string fault);

    [LoggerMessage(LogIds.JobFailed, LogLevel.Error, "Job {Job} cannot take its configuration: {Fault}")]
    private partial void LogJobFailed(string job, string fault);
}
