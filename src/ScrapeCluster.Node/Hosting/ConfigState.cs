using ScrapeCluster.Configuration;

namespace ScrapeCluster.Node.Hosting;

/// <summary>The configuration in force and how the last reload went; replaced whole, read by anybody.</summary>
internal sealed class ConfigState
{
    private volatile ConfigPicture _current;

    public ConfigState(PrometheusConfig config, DateTimeOffset loadedAt)
    {
        _current = new ConfigPicture(config, loadedAt, null);
    }

    public ConfigPicture Current => _current;

    public void Loaded(PrometheusConfig config, DateTimeOffset at) => _current = new ConfigPicture(config, at, null);

    public void Failed(string error) => _current = _current with { LastReloadError = error };
}

/// <param name="LoadedAt">When <paramref name="Config"/> was taken, not when a later reload failed.</param>
/// <param name="LastReloadError">Null when the last reload succeeded.</param>
internal sealed record ConfigPicture(PrometheusConfig Config, DateTimeOffset LoadedAt, string? LastReloadError);
