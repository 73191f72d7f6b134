namespace ScrapeCluster.Model;

/// <summary>Label names with a meaning for scraping.</summary>
public static class TargetLabels
{
    public const string Address = "__address__";
    public const string Scheme = "__scheme__";
    public const string MetricsPath = "__metrics_path__";
    public const string ScrapeInterval = "__scrape_interval__";
    public const string ScrapeTimeout = "__scrape_timeout__";
    public const string UnixSocket = "__unix_socket__";
    public const string ConvertClassicHistogramsToNhcb = "__convert_classic_histograms_to_nhcb__";
    public const string AlwaysScrapeClassicHistograms = "__always_scrape_classic_histograms__";
    public const string ScrapeNativeHistograms = "__scrape_native_histograms__";
    public const string Job = "job";
    public const string Instance = "instance";
    public const string ParamPrefix = "__param_";
    public const string MetaPrefix = "__meta_";
    public const string InternalPrefix = "__";
}
