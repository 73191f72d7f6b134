using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Node.Hosting;

/// <summary>The configuration of a node that was given none: it scrapes itself.</summary>
internal static class BuiltInConfig
{
    public const string Name = "(built-in configuration)";

    public static string Yaml(ListenAddress listen)
    {
        var host = listen.IsAny || listen.Host is "0.0.0.0" or "::" ? "127.0.0.1" : listen.Host;
        return $"""
            global:
              scrape_interval: 5s
              scrape_timeout: 5s
            scrape_configs:
            - job_name: scrapecluster
              static_configs:
              - targets: ['{new ListenAddress(host, listen.Port)}']

            """;
    }
}
