using System.Text;
using ScrapeCluster.Cluster.Config;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reload;

/// <param name="Texts">Null when they cannot be read.</param>
/// <param name="IsBuiltIn">Nobody gave this node a configuration.</param>
internal sealed record OwnConfig(PrometheusConfig? Config, ConfigBundle? Texts, string? Error, bool IsBuiltIn = false);

/// <summary>Reads the configuration that the node was started with, at the start and at every reload.</summary>
internal sealed class ConfigLoader(NodeSettings settings)
{
    /// <summary>What relative paths start from.</summary>
    private string MainFile => settings.Config.File.Length > 0 ? settings.Config.File : BuiltInConfig.Name;

    /// <summary>The configuration, or every reason why it cannot be used, one a line.</summary>
    public (PrometheusConfig? Config, string? Error) Load()
    {
        var own = LoadOwn();
        return (own.Config, own.Error);
    }

    /// <summary>The configuration that this node was given, with its texts, also when they cannot be used; no texts when they cannot be read.</summary>
    public OwnConfig LoadOwn()
    {
        if (settings.Config.File.Length == 0)
        {
            var builtIn = new ConfigBundle(Encoding.UTF8.GetBytes(BuiltInConfig.Yaml(settings.Web.ListenAddress)), []);
            var (config, error) = Load(builtIn);
            return new OwnConfig(config, builtIn, error, IsBuiltIn: true);
        }

        if (Unreadable(MainFile) is { } reason)
        {
            return new OwnConfig(null, null, $"the configuration {MainFile} cannot be read ({reason}): give another file with --config.file");
        }

        var disk = new RecordingSource(MainFile);
        var read = Check(PrometheusConfigFile.Load(MainFile, source: disk));
        return new OwnConfig(read.Config, disk.Bundle, read.Error);
    }

    /// <summary>A configuration of another node: its texts, with this node's files of targets and credentials.</summary>
    public (PrometheusConfig? Config, string? Error) Load(ConfigBundle texts) => Check(PrometheusConfigFile.Load(MainFile, source: new BundleSource(MainFile, texts)));

    /// <summary>Whether this node's files still have these texts.</summary>
    public bool AreOwn(ConfigBundle texts)
    {
        try
        {
            var directory = Path.GetDirectoryName(Path.GetFullPath(MainFile)) ?? "/";
            return IsSame(MainFile, texts.Text) && texts.Patterns.All(pattern =>
            {
                var files = DiskSource.Instance.Expand(pattern.Pattern, Path.GetFullPath(pattern.Pattern, directory));
                return files.Select(Path.GetFileName).SequenceEqual(pattern.Files.Select(file => file.Name))
                    && files.Zip(pattern.Files).All(pair => IsSame(pair.First, pair.Second.Text));
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static bool IsSame(string file, byte[] text) => new FileInfo(file).Length == text.Length && File.ReadAllBytes(file).AsSpan().SequenceEqual(text);

    private (PrometheusConfig? Config, string? Error) Check(ConfigResult result)
    {
        if (!result.TryGet(out var config))
        {
            return (null, result.FaultText());
        }

        if (settings.Storage.Mode == StorageMode.Agent && NotForAgents(config).ToList() is { Count: > 0 } foreign)
        {
            return (null, $"{MainFile}: {string.Join("; ", foreign)} (scrapecluster.storage.mode = agent)");
        }

        if (!settings.Config.SkipUnsupported && NotBuilt(config).ToList() is { Count: > 0 } missing)
        {
            return (null, $"{settings.Config.File}: not built yet: {string.Join("; ", missing)}. Start without them by --config.skip-unsupported; a remote_write block among them then keeps all blocks from running.");
        }

        return (config, null);
    }

    /// <summary>What Prometheus refuses in agent mode (config/config.go, LoadFile), in its words.</summary>
    private static IEnumerable<string> NotForAgents(PrometheusConfig config)
    {
        if (config.RemoteWrites.Count == 0)
        {
            yield return "at least one remote_write target must be specified in agent mode";
        }

        foreach (var section in config.IgnoredSections.Where(section => section.Name is "alerting" or "rule_files" or "remote_read"))
        {
            yield return $"field {section.Name} is not allowed in agent mode";
        }
    }

    /// <summary>What the file asks for and would silently not happen.</summary>
    private static IEnumerable<string> NotBuilt(PrometheusConfig config)
    {
        foreach (var job in config.UnsupportedJobs)
        {
            yield return $"job {job.JobName} uses {string.Join(", ", job.Kinds)}";
        }

        foreach (var receiver in config.RemoteWrites)
        {
            var block = $"remote_write to {(receiver.Name.Length > 0 ? receiver.Name : receiver.PrintableUrl)}";
            if (receiver.CloudAuth.Length > 0)
            {
                yield return $"{block} uses {receiver.CloudAuth}";
            }
        }
    }

    /// <summary>Why the file cannot be opened; null when it can.</summary>
    private static string? Unreadable(string path)
    {
        try
        {
            File.OpenHandle(path).Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message;
        }
    }
}
