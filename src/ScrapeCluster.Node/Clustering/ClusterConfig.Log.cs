namespace ScrapeCluster.Node.Clustering;

internal static partial class ClusterConfigLog
{
    [LoggerMessage(LogIds.ConfigPublished, LogLevel.Information, "Configuration of this node published as version {Version} of the cluster's")]
    public static partial void ConfigPublished(this ILogger logger, long version);

    [LoggerMessage(LogIds.ConfigFollowed, LogLevel.Information, "Version {Version} of the cluster's configuration{Publisher} is in force on this node")]
    public static partial void ConfigFollowed(this ILogger logger, long version, string publisher);

    [LoggerMessage(
        LogIds.ConfigDrifts,
        LogLevel.Warning,
        "The configuration files of this node differ from version {Version} of the cluster's, which it runs: make them equal, or reload this node, which publishes its own")]
    public static partial void ConfigDrifts(this ILogger logger, long version);

    [LoggerMessage(LogIds.ConfigUnreachable, LogLevel.Warning, "The cluster's configuration cannot be read: running {Source} until it can ({Fault})")]
    public static partial void ConfigUnreachable(this ILogger logger, string source, string fault);

    [LoggerMessage(LogIds.ConfigNotKept, LogLevel.Warning, "The cluster's configuration could not be kept in {File} for a start without the database: {Fault}")]
    public static partial void ConfigNotKept(this ILogger logger, string file, string fault);

    [LoggerMessage(
        LogIds.ConfigWentBack,
        LogLevel.Warning,
        "The database says that version {Stored} is the newest of the cluster's configuration, but this node runs {Running} already, and keeps it: was the database restored? A reload on any node publishes anew")]
    public static partial void ConfigWentBack(this ILogger logger, long stored, long running);
}
