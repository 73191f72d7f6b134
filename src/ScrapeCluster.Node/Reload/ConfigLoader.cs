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

        if (config.UnsupportedJobs.Count > 0 && !settings.Config.SkipUnsupported)
        {
            var jobs = string.Join("; ", config.UnsupportedJobs.Select(job => $"job {job.JobName} uses {string.Join(", ", job.Kinds)}"));
            return (null, $"{path}: these kinds of discovery are not built yet: {jobs}. Start without those jobs by --config.skip-unsupported.");
        }

        return (config, null);
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
