using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.Discovery.Files;
using ScrapeCluster.Discovery.Http;
using ScrapeCluster.Discovery.Static;

namespace ScrapeCluster.Discovery;

/// <summary>Which provider finds the targets of which kind of entry.</summary>
internal sealed class ProviderFactory(string userAgent, DiscoveryMetrics metrics, ILoggerFactory loggers, TimeProvider time)
{
    /// <summary>Null for a kind that is not built yet.</summary>
    public Props? PropsFor(SdConfig config) => config switch
    {
        StaticSdConfig entry => StaticProvider.Props(entry),
        FileSdConfig entry => FileProvider.Props(entry, metrics, time, loggers.CreateLogger<FileProvider>()),
        HttpSdConfig entry => HttpProvider.Props(entry, userAgent, metrics, time, loggers.CreateLogger<HttpProvider>()),
        _ => null,
    };
}

public static class DiscoveryKinds
{
    /// <summary>Whether targets of such an entry are found; else its job must not start silently without them.</summary>
    public static bool IsBuilt(SdConfig config) => config is StaticSdConfig or FileSdConfig or HttpSdConfig;
}
