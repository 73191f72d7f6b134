using System.Globalization;
using System.Text.Json;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>What all nodes of a test's cluster read: the configuration, the settings, and two watched files, one of the targets that are judged, one for experiments.</summary>
internal sealed class ClusterFiles
{
    public const string Job = "tail";

    /// <summary>Queues to receivers of which one takes late samples; they send <c>up</c> of every fifth target.</summary>
    public const string InOrderQueue = "in-order";
    public const string LateQueue = "late";
    private const string FifthTargets = "t..[05]";

    private readonly List<string> _targets;
    private readonly string _exporter;
    private readonly string _watched;
    private readonly string _found;

    public ClusterFiles(TestFolder folder, ClusterShape shape, FaultTerms terms, string exporter, string receiver, Func<string, string> recorder, IEnumerable<string> targets)
    {
        _exporter = exporter;
        _targets = [.. targets];
        WatchedFolder = folder.Sub("targets");
        _watched = Path.Combine(WatchedFolder, "all.json");
        Directory.CreateDirectory(WatchedFolder);
        _found = Path.Combine(WatchedFolder, "found.json");
        WriteTargets();
        WriteFound("[]");
        Config = folder.File("prometheus.yml", string.Create(CultureInfo.InvariantCulture, $$"""
            global: {scrape_interval: {{shape.Interval.TotalSeconds}}s, scrape_timeout: {{shape.Interval.TotalSeconds}}s}
            scrape_configs:
            - job_name: {{Job}}
              file_sd_configs: [files: ['{{_watched}}']]
            - job_name: found
              file_sd_configs: [files: ['{{_found}}']]
            remote_write:
            - url: {{receiver}}
              queue_config: {batch_send_deadline: 1s}
              write_relabel_configs:
              - {source_labels: [__name__, job], regex: 'up;{{Job}}', action: keep}
            {{string.Concat(((string[])[InOrderQueue, LateQueue]).Select(queue => Recorded(queue, recorder)))}}
            """));
        Settings = folder.File("node.conf", string.Create(CultureInfo.InvariantCulture, $$"""
            scrapecluster.remote-write.out-of-order-queues = "{{LateQueue}}"
            scrapecluster.cluster {
              await-back = {{terms.AwaitBack.TotalMilliseconds}}ms
              plan-interval = {{terms.PlanInterval.TotalMilliseconds}}ms
              replicas = {{shape.Replicas}}
              min-members = {{shape.Nodes.Count}}
            }
            {{shape.MoreSettings}}
            """));
    }

    public string Config { get; }

    public string Settings { get; }

    /// <summary>Where the watched files lie.</summary>
    public string WatchedFolder { get; }

    public void AddTarget(string name)
    {
        _targets.Add(name);
        WriteTargets();
    }

    public void RemoveTarget(string name)
    {
        _targets.Remove(name);
        WriteTargets();
    }

    /// <summary>The whole text of the file of the job <c>found</c>, whatever it is.</summary>
    public void WriteFound(string text) => Write(_found, text);

    /// <summary>One target a group, as <c>file_sd_configs</c> reads them.</summary>
    public string Groups(IEnumerable<string> targets)
    {
        return JsonSerializer.Serialize(targets.Select(name => new
        {
            targets = new[] { _exporter },
            labels = new Dictionary<string, string> { ["__metrics_path__"] = "/" + name, ["target"] = name },
        }));
    }

    /// <summary>Such a queue sends it.</summary>
    public static bool IsRecorded(string target) => System.Text.RegularExpressions.Regex.IsMatch(target, $"^{FifthTargets}$");

    private static string Recorded(string queue, Func<string, string> recorder) => $$"""
        - url: {{recorder("/" + queue)}}
          name: {{queue}}
          queue_config: {batch_send_deadline: 1s, max_backoff: 1s}
          write_relabel_configs:
          - {source_labels: [__name__, job, target], regex: 'up;{{Job}};{{FifthTargets}}', action: keep}

        """;

    private void WriteTargets() => Write(_watched, Groups(_targets));

    /// <summary>Renamed into place: no reader sees half of it.</summary>
    private static void Write(string file, string text)
    {
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
    }
}
