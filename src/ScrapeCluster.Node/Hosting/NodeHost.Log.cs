namespace ScrapeCluster.Node.Hosting;

internal static partial class NodeHostLog
{
    [LoggerMessage(LogIds.Starting, LogLevel.Information, "Starting ScrapeCluster {Version} on {Runtime}, configuration {ConfigFile}, data in {StoragePath}")]
    public static partial void Starting(this ILogger logger, string version, string runtime, string configFile, string storagePath);

    [LoggerMessage(LogIds.Listening, LogLevel.Information, "Listening on {Address}")]
    public static partial void Listening(this ILogger logger, string address);

    [LoggerMessage(LogIds.Ready, LogLevel.Information, "Ready: {JobCount} jobs are scraped, by version {Version} of the configuration")]
    public static partial void Ready(this ILogger logger, int jobCount, long version);

    [LoggerMessage(LogIds.Stopping, LogLevel.Information, "Stopping: scrapes end, samples are written and sent")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(LogIds.Stopped, LogLevel.Information, "Stopped")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(LogIds.FlagWarning, LogLevel.Warning, "{Warning}")]
    public static partial void FlagWarning(this ILogger logger, string warning);

    [LoggerMessage(LogIds.SectionIgnored, LogLevel.Warning, "Section {Section} of the configuration has no effect here: {Consequence}")]
    public static partial void SectionIgnored(this ILogger logger, string section, string consequence);

    [LoggerMessage(LogIds.ConfigWarning, LogLevel.Warning, "Configuration: {Warning}")]
    public static partial void ConfigWarning(this ILogger logger, string warning);

    [LoggerMessage(LogIds.JobSkipped, LogLevel.Warning, "Job {Job} is not scraped: its discovery ({Kinds}) is not built yet")]
    public static partial void JobSkipped(this ILogger logger, string job, string kinds);

    [LoggerMessage(LogIds.StopTookTooLong, LogLevel.Warning, "{Actor} did not stop within {Deadline}; what it still held is given up")]
    public static partial void StopTookTooLong(this ILogger logger, string actor, TimeSpan deadline);

    [LoggerMessage(LogIds.FlushCut, LogLevel.Warning, "Told again to stop: what remote write had not sent yet is not sent; it is stored here")]
    public static partial void FlushCut(this ILogger logger);

    [LoggerMessage(LogIds.Fatal, LogLevel.Critical, "Cannot start: {Reason}")]
    public static partial void CannotStart(this ILogger logger, string reason);

    [LoggerMessage(LogIds.StorageLost, LogLevel.Critical, "The storage failed in a way that leaves memory and log different; the process ends, and a restart replays the log")]
    public static partial void StorageLost(this ILogger logger, Exception cause);

    [LoggerMessage(LogIds.ProcessHangs, LogLevel.Critical, "The process only seems to live and ends, so that others take its work: {Reason}")]
    public static partial void ProcessHangs(this ILogger logger, string reason);
}
