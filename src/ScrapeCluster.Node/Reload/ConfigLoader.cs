using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reload;

/// <summary>Reads the configuration that the node was started with, at the start and at every reload.</summary>
internal sealed class ConfigLoader(NodeSettings settings)
{
    /// <summary>The configuration, or every reason why it cannot be used, one a line.</summary>
    public (PrometheusConfig? Config, string? Error) Load()
    {
        var path = settings.Config.File;
        if (path.Length > 0 && Unreadable(path) is { } reason)
        {
            return (null, $"the configuration {path} cannot be read ({reason}): give another file with --config.file");
        }

        var result = path.Length == 0
            ? PrometheusConfigFile.Parse(BuiltInConfig.Yaml(settings.Web.ListenAddress), BuiltInConfig.Name)
            : PrometheusConfigFile.Load(path);
        if (!result.TryGet(out var config))
        {
            return (null, result.FaultText());
        }

        if (!settings.Config.SkipUnsupported && NotBuilt(config).ToList() is { Count: > 0 } missing)
        {
            return (null, $"{path}: not built yet: {string.Join("; ", missing)}. Start without them by --config.skip-unsupported; a remote_write block among them then keeps all blocks from running.");
        }

        return (config, null);
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
            var block = $"remote_write to {(receiver.Name.Length > 0 ? receiver.Name : receiver.Url)}";
            if (receiver.CloudAuth.Length > 0)
            {
                yield return $"{block} uses {receiver.CloudAuth}";
            }

            if (receiver.ProtobufMessage != RemoteWriteMessage.V1)
            {
                yield return $"{block} uses protobuf_message io.prometheus.write.v2.Request";
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
