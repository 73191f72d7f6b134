using System.Globalization;
using System.Text;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.RemoteWrite.Cases;

/// <summary>One node that runs many cases at once, from its start to SIGINT.</summary>
internal sealed class CaseNode : IAsyncDisposable
{
    public const string SharedPath = "/shared";

    /// <summary>The label that tells whose a series is.</summary>
    public const string Mark = "case";

    /// <summary>Of the node, by their names.</summary>
    private const string ExternalLabels = "region|replica";

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly Dictionary<SenderCase, CaseSite> _sites;
    private readonly Dictionary<SenderCase, string> _unfinished = [];
    private NodeProcess? _process;

    public CaseNode(IEnumerable<SenderCase> cases)
    {
        _sites = cases.ToDictionary(one => one, one => new CaseSite(one, this));
    }

    public TestFolder Folder { get; } = new();

    public ScriptedExporter Exporter { get; } = new();

    public RecordingReceiver Receiver { get; } = new();

    public CaseTimes Times { get; } = new();

    /// <summary>Variables that the program has beside those of this one.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public NodeProcess Process => _process!;

    public string ConfigFile => Folder.Sub("prometheus.yml");

    public string DataFolder => Folder.Sub("data");

    public string Output => _process?.Output ?? "";

    public int ExitCode { get; private set; }

    /// <param name="before">A command that starts the program, with SIGINT as it is by default: who started this process may have it ignored.</param>
    public async Task RunAsync(params string[] before)
    {
        foreach (var site in _sites.Values)
        {
            Exporter.OnPath(site.ServedPath, site.Case.Pages);
            if (site.Case.Answer is not null)
            {
                site.Receiver.OnPath(site.Path, site.Case.Answer);
            }

            if (site.Case.Prepare is not null)
            {
                await site.Case.Prepare(site);
            }
        }

        WriteConfig();
        var port = Ports.Free();
        _process = NodeProcess.StartBehind([.. before, "env", "--default-signal=INT"], "127.0.0.1", port, Environment,
            $"--config.file={ConfigFile}", $"--storage.path={DataFolder}", $"--web.listen-address=127.0.0.1:{port}");
        await _process.ReadyAsync(Deadline);
        await Task.WhenAll(_sites.Values.Select(FinishAsync));

        Times.InterruptedMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        _process.Interrupt();
        await _process.WaitForExitAsync(Deadline);
        ExitCode = _process.ExitCode;
        Times.EndedMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    }

    public CaseSite SiteOf(SenderCase which) => _sites[which];

    /// <summary>What came of a case; fails when it did not see enough.</summary>
    public CaseRecord Of(SenderCase which)
    {
        Assert.False(_unfinished.TryGetValue(which, out var why), $"{why}\n{Output}");
        return _sites[which].Record;
    }

    /// <summary>SIGHUP with more jobs and with what the cases' queues are later; returns when the node says that it is done.</summary>
    public async Task ReloadAsync(string moreJobs = "")
    {
        const string Metric = "prometheus_config_last_reload_success_timestamp_seconds";
        var before = await Process.MetricAsync(Metric);
        WriteConfig(moreJobs, isLater: true);
        Times.ReloadedFromMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Process.HangUp();
        await Wait.Until("the reload", Deadline, async () => await Process.MetricAsync(Metric) > before, () => Output);
        Times.ReloadedToMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    }

    private void WriteConfig(string moreJobs = "", bool isLater = false)
    {
        var jobs = new StringBuilder();
        var queues = new StringBuilder();
        foreach (var one in _sites.Keys)
        {
            jobs.Append(Fill(JobOf(one), one));
            if (one.HasOwnQueue && !(isLater && one.EndsAtReload))
            {
                queues.Append(Fill(QueueOf(one, isLater ? one.LaterQueue ?? one.Queue : one.Queue) + one.MoreQueues, one));
            }
        }

        var shared = string.Join('|', _sites.Keys.Where(one => !one.HasOwnQueue).Select(one => one.Name));
        queues.Append(shared.Length > 0 ? SharedQueue(shared) : "");

        // Renamed into place: the node must not read half a file.
        File.WriteAllText(ConfigFile + ".new", $"global: {{scrape_interval: 1s, scrape_timeout: 1s, external_labels: {{region: eu, replica: r1}}}}\nremote_write:\n{queues}scrape_configs:\n{jobs}{moreJobs}");
        File.Move(ConfigFile + ".new", ConfigFile, overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        await Exporter.DisposeAsync();
        await Receiver.DisposeAsync();
        foreach (var own in _sites.Values.Select(site => site.Receiver).Where(receiver => receiver != Receiver))
        {
            await own.DisposeAsync();
        }

        Folder.Dispose();
    }

    private async Task FinishAsync(CaseSite site)
    {
        try
        {
            if (site.Case.Steps is not null)
            {
                await site.Case.Steps(site);
            }

            await Wait.Until($"{site.Case.Name} to see enough", Deadline, () => site.Case.Enough(site.Record),
                () => $"{site.Record.Served.Count} pages, {site.Record.Requests.Count} requests, {site.Record.Samples.Count} samples");
        }
        catch (Xunit.Sdk.XunitException failure)
        {
            lock (_unfinished)
            {
                _unfinished[site.Case] = failure.Message;
            }
        }
    }

    private static string JobOf(SenderCase one) => $$"""
        - job_name: {{one.JobName ?? one.Name}}
        {{(one.Job.Contains("metrics_path:", StringComparison.Ordinal) ? "" : "  metrics_path: <path>\n")}}{{Indented(one.Job)}}  relabel_configs:
        {{Indented(one.Relabel)}}  - {target_label: {{Mark}}, replacement: {{one.Name}}}
        {{Indented(one.Targets)}}
        """;

    private static string QueueOf(SenderCase one, string lines) => $$"""
        - url: {{one.Url}}
          name: {{one.Name}}
        {{Indented(lines)}}  write_relabel_configs:
          - {source_labels: [{{Mark}}], regex: {{one.Name}}, action: keep}
        {{Indented(one.WriteRelabel)}}  - {regex: '{{(one.KeepsExternalLabels ? Mark : $"{Mark}|{ExternalLabels}")}}', action: labeldrop}

        """;

    private string SharedQueue(string cases) => $$"""
        - url: {{Receiver.Url(SharedPath)}}
          name: shared
          write_relabel_configs:
          - {source_labels: [{{Mark}}], regex: '{{cases}}', action: keep}
          - {regex: '{{ExternalLabels}}', action: labeldrop}

        """;

    private static string Indented(string lines)
    {
        return string.Concat(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"  {line}\n"));
    }

    private string Fill(string text, SenderCase one)
    {
        return text.Replace("<exporter>", Exporter.Address, StringComparison.Ordinal)
            .Replace("<receiver>", $"127.0.0.1:{_sites[one].Receiver.Port}", StringComparison.Ordinal)
            .Replace("<port>", _sites[one].Receiver.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("<folder>", Folder.Path, StringComparison.Ordinal)
            .Replace("<path>", _sites[one].Path, StringComparison.Ordinal);
    }
}

/// <summary>Moments of a node's life, by the clock that stamps samples.</summary>
internal sealed class CaseTimes
{
    public long StartedMs { get; } = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>0 until SIGINT.</summary>
    public long InterruptedMs { get; set; }

    public long EndedMs { get; set; }

    /// <summary>Just before the signal.</summary>
    public long ReloadedFromMs { get; set; }

    /// <summary>Just after the node said that it is done.</summary>
    public long ReloadedToMs { get; set; }
}
