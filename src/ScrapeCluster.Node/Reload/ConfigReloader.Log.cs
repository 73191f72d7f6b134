namespace ScrapeCluster.Node.Reload;

internal static partial class ConfigReloaderLog
{
    [LoggerMessage(LogIds.ConfigLoaded, LogLevel.Information, "Configuration loaded with {JobCount} jobs")]
    public static partial void Reloaded(this ILogger logger, int jobCount);

    [LoggerMessage(LogIds.ConfigRefused, LogLevel.Error, "Configuration refused, the one before it stays in force: {Faults}")]
    public static partial void ReloadFailed(this ILogger logger, string faults);
}
