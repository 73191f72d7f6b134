using ScrapeCluster.Configuration;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reload;

/// <summary>Puts configurations in force and shows how that went. <see cref="Clustering.ClusterConfig"/> chooses and checks them, one at a time.</summary>
internal sealed class ConfigReloader(
    ConfigState state,
    Func<PrometheusConfig, Task<string?>> apply,
    TimeProvider time,
    ConfigMetrics metrics,
    ILogger<ConfigReloader> log)
{
    /// <summary>Null when all of it is in force, else which part could not be applied.</summary>
    public async Task<string?> ApplyAsync(PrometheusConfig config)
    {
        // A part that cannot be applied is reported; the others run on the new configuration, which is then the one in force.
        var failure = await apply(config);
        state.Loaded(config, time.GetUtcNow());
        metrics.Show(config);
        return failure is null ? Succeed(config) : Fail(failure);
    }

    /// <summary>Shows why what was to be loaded is not in force.</summary>
    public string Fail(string error)
    {
        state.Failed(error);
        metrics.Failed();
        log.ReloadFailed(error);
        return error;
    }

    private string? Succeed(PrometheusConfig config)
    {
        metrics.Succeeded(time.GetUtcNow());
        log.Reloaded(config.ScrapeConfigs.Count);
        return null;
    }
}

/// <summary>The metrics of loading configurations; the first two names are Prometheus's, which alerts depend on.</summary>
internal sealed class ConfigMetrics(MetricsRegistry registry)
{
    private readonly Gauge _successful = registry.Gauge("prometheus_config_last_reload_successful", "Whether the last configuration reload attempt was successful.");
    private readonly Gauge _successTime = registry.Gauge("prometheus_config_last_reload_success_timestamp_seconds", "Timestamp of the last successful configuration reload.");
    private readonly Gauge _ignored = registry.Gauge("scrapecluster_config_ignored_sections", "Sections of prometheus.yml that have no effect here, such as rules and alerting.");

    public void Succeeded(DateTimeOffset at)
    {
        _successful.Set(1);
        _successTime.Set(at.ToUnixTimeMilliseconds() / 1000.0);
    }

    public void Failed() => _successful.Set(0);

    public void Show(PrometheusConfig config) => _ignored.Set(config.IgnoredSections.Count);
}
