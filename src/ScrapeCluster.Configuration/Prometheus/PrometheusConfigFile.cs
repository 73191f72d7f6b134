using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>
/// Reads a <c>prometheus.yml</c> strictly and whole: unknown and duplicate keys are faults, and all faults of the file and of
/// the files it names are reported at once.
/// </summary>
public static class PrometheusConfigFile
{
    /// <param name="source">Null: the disk.</param>
    public static ConfigResult Load(string path, Func<string, string?>? environment = null, IConfigSource? source = null)
    {
        var context = NewContext(path, environment, source);
        return Read(context, YamlRoot.Load(context));
    }

    /// <summary>Reads text as if it stood in a file of that name, which relative paths in it start from.</summary>
    public static ConfigResult Parse(string text, string virtualPath = "prometheus.yml", Func<string, string?>? environment = null)
    {
        var context = NewContext(virtualPath, environment, source: null);
        return Read(context, YamlRoot.Parse(context, text));
    }

    private static ReadContext NewContext(string path, Func<string, string?>? environment, IConfigSource? source)
    {
        return new(path, new(), environment ?? Environment.GetEnvironmentVariable, source ?? DiskSource.Instance);
    }

    private static ConfigResult Read(ReadContext context, YamlValue? root)
    {
        var config = root?.AsSection() is { } section ? ReadSections(section) : PrometheusConfig.Empty;
        var findings = context.Findings;
        if (findings.Faults.Count > 0)
        {
            return ConfigResult.Invalid([.. findings.Faults.OrderBy(f => f.File == context.File ? "" : f.File, StringComparer.Ordinal).ThenBy(f => f.Line)]);
        }

        config = config with { Warnings = findings.Warnings.ToValueList() };
        return ConfigResult.Valid(config with { Yaml = ConfigYaml.Write(config, root) }, findings.ReferencedFiles.ToValueList());
    }

    private static PrometheusConfig ReadSections(Section section)
    {
        var global = GlobalReader.Read(section.Find("global"));
        var jobs = new ScrapeConfigFiles(global);
        jobs.ReadJobs(section);
        jobs.ReadFiles(section);
        var config = new PrometheusConfig
        {
            Global = global,
            ScrapeConfigs = jobs.Jobs,
            RemoteWrites = ReadRemoteWrites(section, global.MetricNameValidationScheme),
            IgnoredSections = IgnoredSectionsReader.Read(section, global.MetricNameValidationScheme),
            UnsupportedJobs = [.. jobs.Jobs.Select(FindUnsupported).OfType<UnsupportedJob>()],
        };
        section.Finish();
        return config;
    }

    private static ValueList<RemoteWriteConfig> ReadRemoteWrites(Section section, LabelNameRule scheme)
    {
        var configs = new List<RemoteWriteConfig>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in section.ListWithoutNulls("remote_write", "empty or null remote write config section"))
        {
            if (item.AsSection() is not { } receiver)
            {
                continue;
            }

            var config = RemoteWriteReader.Read(receiver, scheme);
            if (config.Name.Length > 0 && !names.Add(config.Name))
            {
                receiver.FaultAt("name", $"found multiple remote write configs with job name \"{config.Name}\"");
            }

            configs.Add(config);
        }

        return configs.ToValueList();
    }

    private static UnsupportedJob? FindUnsupported(ScrapeConfig job)
    {
        var kinds = job.ServiceDiscovery.Select(sd => sd.Kind).Where(kind => !SdKinds.Built.Contains(kind)).Distinct().ToValueList();
        return kinds.Count == 0 ? null : new(job.JobName, kinds);
    }
}
