using System.Text;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Differential;

/// <summary>
/// Runs stock Prometheus and the node once, at the same time, on the same jobs: one path per scraper on one exporter, one
/// path per scraper on one remote-write receiver. Shared by the tests of the class.
/// </summary>
public sealed class BothScrapers : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly ScriptedExporter _exporter = new();
    private readonly RecordingReceiver _receiver = new();
    private readonly TestFolder _folder = new();
    private IReadOnlyList<WrittenSample> _stock = [];
    private IReadOnlyList<WrittenSample> _node = [];

    public async ValueTask InitializeAsync()
    {
        if (!Tools.Exists("prometheus"))
        {
            return; // each test says so
        }

        var jobs = DifferentialJob.All.Concat(KnownDifference.All.Select(row => row.Job)).ToList();
        foreach (var job in jobs)
        {
            _exporter.OnPath($"/stock/{job.Name}", job.Pages);
            _exporter.OnPath($"/node/{job.Name}", job.Pages);
        }

        await using var stock = StockPrometheus.Start(_folder.File("stock.yml", Config("stock", jobs)), _folder.Sub("stock"));
        await using var node = NodeProcess.Start(_folder.File("node.yml", Config("node", jobs)), _folder.Sub("node"));
        await node.ReadyAsync();
        await stock.ReadyAsync();
        await Wait.Until("every job to be scraped often enough by both", TimeSpan.FromSeconds(240),
            () => jobs.All(job => Pages("stock", job.Name).Count > DifferentialJob.Rounds + 2 && Pages("node", job.Name).Count > DifferentialJob.Rounds + 2),
            () => string.Join(", ", jobs.Select(job => $"{job.Name} {Pages("stock", job.Name).Count}/{Pages("node", job.Name).Count}")) + "\n" + node.Output);
        await node.StopAsync();
        await stock.StopAsync();
        _stock = _receiver.On("/stock");
        _node = _receiver.On("/node");
    }

    public async ValueTask DisposeAsync()
    {
        await _exporter.DisposeAsync();
        await _receiver.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>What both made of the same pages; rounds that the machine's load spoiled for either are left out, and then it is not whole.</summary>
    internal (SortedSet<string> Stock, SortedSet<string> Node, bool IsWhole) Of(string job)
    {
        var stock = new ScrapeRecord(_stock, Pages("stock", job), job);
        var node = new ScrapeRecord(_node, Pages("node", job), job);
        var rounds = Enumerable.Range(0, DifferentialJob.Rounds).Except(stock.Overloaded(Timeout)).Except(node.Overloaded(Timeout)).ToHashSet();
        Assert.True(rounds.Count > DifferentialJob.Rounds / 2, $"{job}: only {rounds.Count} of {DifferentialJob.Rounds} scrapes were fast enough on both sides to compare");
        return (stock.Lines(rounds), node.Lines(rounds), rounds.Count == DifferentialJob.Rounds);
    }

    private IReadOnlyList<Served> Pages(string scraper, string job) => _exporter.ServedOn($"/{scraper}/{job}");

    private string Config(string scraper, IReadOnlyList<DifferentialJob> jobs)
    {
        var yaml = new StringBuilder($$"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
              external_labels: {side: same}
            remote_write:
            - url: {{_receiver.Url("/" + scraper)}}
              queue_config: {batch_send_deadline: 1s}
            scrape_configs:

            """);
        foreach (var job in jobs)
        {
            var labels = $"__metrics_path__: /{scraper}/{job.Name}, pool: {job.Name}" + (job.Labels.Length > 0 ? ", " + job.Labels : "");
            yaml.Append($"- job_name: {job.Name}\n{job.Settings}  static_configs:\n  - targets: ['{_exporter.Address}']\n    labels: {{{labels}}}\n");
        }

        return yaml.ToString();
    }
}
