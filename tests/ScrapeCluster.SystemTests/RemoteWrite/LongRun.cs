using System.Globalization;
using System.Text;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>
/// One node feeds stock Prometheus, VictoriaMetrics and a recording receiver, all of which are away three times, while the node is killed twice: once as it
/// sends, once as it owes. What all of them have in the end is for the tests of <see cref="LongRunTests"/> to compare.
/// </summary>
public sealed class LongRun : IAsyncLifetime
{
    internal const int Fillers = 40;
    internal const int Shards = 2;
    internal const int Kills = 2;
    internal const string RecorderPath = "/recorder";
    internal const string NotANumber = "nan";
    internal const string Subnormal = "subnormal";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>A kind keeps to one magnitude: VictoriaMetrics shares an exponent between values of a series.</summary>
    private static readonly Dictionary<string, string> Specials = new()
    {
        [NotANumber] = "NaN",
        [Subnormal] = "5e-324",
        ["infinite"] = "+Inf",
        ["below"] = "-Inf",
        ["negative zero"] = "-0",
        ["huge"] = "1e308",
        ["whole"] = "9007199254740993",
    };

    private readonly TestFolder _folder = new();
    private readonly int _prometheusPort = Ports.Free();
    private readonly int _victoriaPort = Ports.Free();
    private StockPrometheus? _prometheus;
    private VictoriaMetrics? _victoria;
    private NodeProcess? _node;
    private int _life;

    internal ScriptedExporter Exporter { get; } = new();

    internal RecordingReceiver Recorder { get; } = new();

    /// <summary>What the node has stored, in the lines of <c>promtool tsdb dump</c>.</summary>
    internal IReadOnlySet<string> Stored { get; private set; } = new HashSet<string>();

    /// <summary>Lines <c>{labels} bits @time</c>, out of chunks: read as samples its -0 would come as 0.</summary>
    internal IReadOnlyList<string> AtPrometheus { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        if (!HasTools)
        {
            return; // each test says so
        }

        Exporter.OnPath("/pages", n => StoredScrapes.PageOf(n, Fillers));
        Exporter.OnPath("/numbers", Numbers);
        Exporter.OnPath("/comes-and-goes", n => new Page(n % 5 < 3 ? $"stays {n}\ngoes {n}\n" : $"stays {n}\n") { Status = n % 7 == 6 ? 500 : 200 });
        await ComeUpAsync();
        await StartNodeAsync();
        await PagesAsync(6);

        // 1. All away for longer than a request waits, and back.
        await GoDownAsync();
        await PagesAsync(6);
        await ComeUpAsync();
        await PagesAsync(5);

        // 2. Killed while it sends.
        await _node!.KillAsync();
        await StartNodeAsync();
        await PagesAsync(5);

        // 3. Killed while it owes; it owes on when it is back.
        await GoDownAsync();
        await PagesAsync(5);
        await _node.KillAsync();
        await StartNodeAsync("--storage.remote.flush-deadline=1s");
        await PagesAsync(4);
        await ComeUpAsync();
        await PagesAsync(5);

        // 4. Two away, one not; a stop in order that cannot wait for them.
        await StopPrometheusAsync();
        await Recorder.GoDownAsync();
        await PagesAsync(5);
        Assert.Equal(0, await _node.StopAsync(Deadline));
        await StartNodeAsync();
        await PagesAsync(3);
        await ComeUpAsync();
        await PagesAsync(4);

        Assert.Equal(0, await _node.StopAsync(Deadline));
        Stored = await Tools.DumpAsync(_folder.Sub("data"));
        AtPrometheus = await RemoteReader.ChunksAsync(_prometheus!, ".+", 0, long.MaxValue);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new ChildProcess?[] { _node, _prometheus, _victoria })
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }

        await Exporter.DisposeAsync();
        await Recorder.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The values of each sample, which are several where one came again. What came last may not be seen at once.</summary>
    internal async Task<IReadOnlyDictionary<(string Series, long TimestampMs), IReadOnlyList<double>>> AtVictoriaAsync()
    {
        Dictionary<(string, long), IReadOnlyList<double>> samples = [];
        var expected = Stored.Count(line => !IsLostAtVictoria(line));
        await Wait.Until($"VictoriaMetrics to show {expected} samples", TimeSpan.FromSeconds(60), async () =>
        {
            samples = (await _victoria!.SamplesAsync()).Where(sample => !IsLostAtVictoria(sample.Series)).GroupBy(sample => (sample.Series, sample.TimestampMs))
                .ToDictionary(sample => sample.Key, IReadOnlyList<double> (sample) => [.. sample.Select(one => one.Value)]);
            return samples.Count >= expected;
        }, () => $"{samples.Count} samples");
        return samples;
    }

    internal static bool HasTools => Tools.Exists("prometheus") && Tools.Exists("promtool") && Tools.Exists(VictoriaMetrics.Program);

    /// <summary>VictoriaMetrics drops ordinary NaN of any sender, and subnormals come out of its decimals as 0.</summary>
    internal static bool IsLostAtVictoria(string series) =>
        series.Contains($"kind=\"{NotANumber}\"", StringComparison.Ordinal) || series.Contains($"kind=\"{Subnormal}\"", StringComparison.Ordinal);

    private static Page Numbers(int n)
    {
        var page = new StringBuilder();
        foreach (var (kind, text) in Specials)
        {
            page.Append(CultureInfo.InvariantCulture, $"special{{kind=\"{kind}\"}} {text}\n");
        }

        return new Page(page.Append(CultureInfo.InvariantCulture, $"third {(n + 1) / 3.0}\ncounter_total {n * 1000.5}\nsmall {(n + 1) * 1e-9}\n").ToString());
    }

    private async Task StartNodeAsync(params string[] more)
    {
        _life++;
        _node = NodeProcess.Start(_folder.File("prometheus.yml", Config()), _folder.Sub("data"), null, more);
        await _node.ReadyAsync(Deadline);
    }

    private async Task PagesAsync(int more)
    {
        var asked = Exporter.ServedOn("/pages").Count + more;
        await Wait.Until($"page {asked} of life {_life}", Deadline, () => Exporter.ServedOn("/pages").Count >= asked, () => _node!.Output);
    }

    private async Task ComeUpAsync()
    {
        Recorder.ComeUp();
        _victoria ??= VictoriaMetrics.Start(_victoriaPort, _folder.Sub("victoria"));
        _prometheus ??= StockPrometheus.StartOn(_prometheusPort, _folder.File("empty.yml", ""), _folder.Sub("prometheus"), "--web.enable-remote-write-receiver");
        await _prometheus.ReadyAsync(Deadline);
        await _victoria.ReadyAsync(Deadline);
    }

    private async Task GoDownAsync()
    {
        await Recorder.GoDownAsync();
        await StopPrometheusAsync();
        Assert.Equal(0, await _victoria!.StopAsync(Deadline));
        await _victoria.DisposeAsync();
        _victoria = null;
    }

    private async Task StopPrometheusAsync()
    {
        Assert.Equal(0, await _prometheus!.StopAsync(Deadline));
        await _prometheus.DisposeAsync();
        _prometheus = null;
    }

    /// <summary>A parameter tells the lives apart; it is no label of the samples.</summary>
    private string Config()
    {
        var queue = $"queue_config: {{min_shards: {Shards}, max_shards: {Shards}, max_samples_per_send: 100, batch_send_deadline: 300ms, max_backoff: 500ms}}";
        var yaml = new StringBuilder("global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nremote_write:\n");
        foreach (var url in (string[])[$"http://127.0.0.1:{_prometheusPort}/api/v1/write", $"http://127.0.0.1:{_victoriaPort}/api/v1/write", Recorder.Url(RecorderPath)])
        {
            yaml.Append(CultureInfo.InvariantCulture, $"- url: {url}\n  {queue}\n");
        }

        yaml.Append("scrape_configs:\n");
        foreach (var path in (string[])["pages", "numbers", "comes-and-goes"])
        {
            yaml.Append(CultureInfo.InvariantCulture, $"- job_name: {path}\n  metrics_path: /{path}\n  params: {{life: ['{_life}']}}\n  static_configs: [targets: ['{Exporter.Address}']]\n");
        }

        return yaml.ToString();
    }
}
