using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Node.Reload;
using ScrapeCluster.Testing;

namespace ScrapeCluster.IntegrationTests.Config;

/// <summary>A node as far as its configuration goes: a directory of its own, and what was put in force.</summary>
internal sealed class ConfigNode : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("config-test-").FullName;

    /// <param name="yaml">Null: the node is given no file.</param>
    public ConfigNode(string name, ICoordinationStore store, string? yaml, string secret = "a secret of some length", string? keptFile = null)
    {
        if (yaml is not null)
        {
            Write("prometheus.yml", yaml);
        }

        var start = NodeConfiguration.Load(yaml is null ? [] : [$"--config.file={PathOf("prometheus.yml")}"], _ => null);
        Assert.Empty(start.Faults);
        Config = new ClusterConfig(new ClusterConfigOptions
        {
            Cluster = "test",
            Node = name,
            Secret = new ClusterSecret(secret),
            Store = store,
            Loader = new ConfigLoader(start.Settings),
            Apply = config =>
            {
                Applied.Add(config);
                return Task.FromResult(ApplyFault);
            },
            Refused = Refused.Add,
            KeptFile = keptFile,
            Time = Time,
            Metrics = new MetricsRegistry(),
            Log = NullLogger<ClusterConfig>.Instance,
        });
    }

    public ClusterConfig Config { get; }

    public ManualTimeProvider Time { get; } = new();

    public List<PrometheusConfig> Applied { get; } = [];

    public List<string> Refused { get; } = [];

    public string? ApplyFault { get; set; }

    /// <summary>Of what is in force.</summary>
    public IEnumerable<string> Jobs => Applied[^1].ScrapeConfigs.Select(job => job.JobName);

    public static string Job(string name) => $"scrape_configs: [{{job_name: {name}}}]\n";

    public string PathOf(string name) => Path.Combine(_directory, name);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
    }

    public void Dispose()
    {
        Config.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
