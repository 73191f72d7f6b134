using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Node.Hosting;

/// <summary>The configuration of a node that was given none: it scrapes itself.</summary>
internal static class BuiltInConfig
{
    public const string Name = "(built-in configuration)";

    public static string Yaml(ListenAddress listen)
    {
        return $"""
            global:
              scrape_interval: 5s
              scrape_timeout: 5s
            scrape_configs:
            - job_name: scrapecluster
              static_configs:
              - targets: ['{listen.FromHere}']

            """;
    }
}
