using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>Writes the discovery of a job, one list a kind.</summary>
internal static class SdYaml
{
    public static void Write(YamlWriter writer, ValueList<SdConfig> discovery)
    {
        foreach (var config in discovery.OfType<StaticSdConfig>())
        {
            writer.List("static_configs", config.Groups, group => writer.Map(() => WriteGroup(writer, group)));
        }

        foreach (var kind in discovery.Where(config => config is not StaticSdConfig).GroupBy(config => config.Kind))
        {
            writer.List(kind.Key + "_sd_configs", kind.ToList(), config => WriteEntry(writer, config));
        }
    }

    private static void WriteGroup(YamlWriter writer, TargetGroup group)
    {
        writer.Texts("targets", [.. group.Targets.Select(target => target.Get("__address__") ?? "")]);
        ConfigYaml.WriteLabels(writer, "labels", group.Labels);
    }

    private static void WriteEntry(YamlWriter writer, SdConfig config)
    {
        switch (config)
        {
            case FileSdConfig file:
                writer.Map(() =>
                {
                    writer.Texts("files", file.Files);
                    writer.Field("refresh_interval", file.RefreshInterval);
                });
                break;
            case HttpSdConfig http:
                writer.Map(() =>
                {
                    HttpClientYaml.Write(writer, http.HttpClient);
                    writer.Field("refresh_interval", http.RefreshInterval);
                    writer.Field("url", UrlText.Redact(http.Url));
                });
                break;
            case UnsupportedSdConfig { RawYaml: var raw }:
                YamlText.Write(writer, YamlTree.Read(raw.Reveal()).Root!, maskSecrets: true);
                break;
        }
    }
}
