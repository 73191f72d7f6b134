using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Discovery.Files;

internal sealed partial class FileProvider
{
    [LoggerMessage(4010, LogLevel.Warning, "Targets of {Path} are kept as they were: {Fault}")]
    private partial void LogNotRead(string path, string fault);

    [LoggerMessage(4011, LogLevel.Warning, "{Directory} is not watched for changes, its files are read every refresh_interval only: {Fault}")]
    private partial void LogNotWatched(string directory, string fault);
}
