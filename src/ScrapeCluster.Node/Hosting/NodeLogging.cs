using Microsoft.Extensions.Logging.Console;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Logging;

namespace ScrapeCluster.Node.Hosting;

/// <summary>The node's log: lines on standard error, as Prometheus has them.</summary>
internal static class NodeLogging
{
    public static ILoggerFactory Create(LogSettings settings, TimeProvider time)
    {
        return LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(settings.Level switch
            {
                LogThreshold.Debug => LogLevel.Debug,
                LogThreshold.Info => LogLevel.Information,
                LogThreshold.Warn => LogLevel.Warning,
                _ => LogLevel.Error,
            });

            // The web framework reports each request at Information: that is Debug here.
            logging.AddFilter("Microsoft", settings.Level == LogThreshold.Debug ? LogLevel.Debug : LogLevel.Warning);
            logging.AddConsole(console =>
            {
                console.FormatterName = LineFormatter.FormatterName;
                console.LogToStandardErrorThreshold = LogLevel.Trace;
            });
            logging.Services.AddSingleton<ConsoleFormatter>(new LineFormatter(time, settings.Format == LogFormat.Json));
        });
    }
}
