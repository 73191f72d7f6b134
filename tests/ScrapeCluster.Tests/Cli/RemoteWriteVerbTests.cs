using System.Text.Json;
using ScrapeCluster.Cli;
using ScrapeCluster.Tests.Node;

namespace ScrapeCluster.Tests.Cli;

/// <summary>The queues of a whole node: on its metrics page by Prometheus's names, as JSON, and as people see them.</summary>
public sealed class RemoteWriteVerbTests : IAsyncLifetime
{
    /// <summary>Those of <c>/metrics</c> of 2.42 with a <c>remote_write</c> block, and what 3 has besides (<c>queue_highest_timestamp_seconds</c>).</summary>
    private static readonly string[] OfAQueue =
    [
        "bytes_total", "enqueue_retries_total", "exemplars_dropped_total", "exemplars_failed_total", "exemplars_pending", "exemplars_retried_total", "exemplars_total",
        "histograms_dropped_total", "histograms_failed_total", "histograms_pending", "histograms_retried_total", "histograms_total", "max_samples_per_send",
        "metadata_bytes_total", "metadata_failed_total", "metadata_retried_total", "metadata_total", "queue_highest_sent_timestamp_seconds",
        "queue_highest_timestamp_seconds", "samples_dropped_total", "samples_failed_total", "samples_pending", "samples_retried_total", "samples_total",
        "sent_batch_duration_seconds_count", "shard_capacity", "shards", "shards_desired", "shards_max", "shards_min",
    ];

    private static readonly string[] OfAll = ["exemplars_in_total", "highest_timestamp_in_seconds", "histograms_in_total", "samples_in_total"];

    private NodeUnderTest _node = null!;

    public async ValueTask InitializeAsync() => _node = await NodeUnderTest.StartAsync(
        "remote_write: [{name: far, url: 'http://user:hunter2@127.0.0.1:1/write', queue_config: {max_shards: 7}}, {name: away, url: 'http://127.0.0.1:2/write'}]");

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Metrics_HaveEveryNameThatPrometheusHas()
    {
        var page = (await _node.GetAsync("/metrics")).Split('\n');
        Assert.All(OfAQueue, name => Assert.Contains(page, line => line.StartsWith($"prometheus_remote_storage_{name}{{remote_name=\"far\",url=\"http://", StringComparison.Ordinal)));
        Assert.All(
            (string[])["records_read_total{consumer=\"far\",type=\"samples\"}", "record_decode_failures_total{consumer=\"far\"}", "samples_sent_pre_tailing_total{consumer=\"far\"}", "current_segment{consumer=\"far\"}"],
            name => Assert.Contains(page, line => line.StartsWith($"prometheus_wal_watcher_{name} ", StringComparison.Ordinal)));
        Assert.All(OfAll, name => Assert.Contains(page, line => line.StartsWith($"prometheus_remote_storage_{name} ", StringComparison.Ordinal)));
        Assert.All(
            (string[])["owed_bytes", "lag_seconds"],
            name => Assert.Contains(page, line => line.StartsWith($"scrapecluster_remote_write_{name}{{remote_name=\"far\"", StringComparison.Ordinal)));
        Assert.DoesNotContain(page, line => line.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void Json_HasEveryQueueWithItsNode()
    {
        var (exitCode, output, _) = Run("remote-write", "-o", "json");
        Assert.Equal(0, exitCode);
        var queues = JsonDocument.Parse(output).RootElement.GetProperty("queues").EnumerateArray().ToList();
        Assert.Equal(["away", "far"], queues.Select(queue => queue.GetProperty("name").GetString()));
        Assert.All(queues, queue => Assert.Equal("1.0", queue.GetProperty("protocol").GetString()));
        Assert.Equal(7, queues[1].GetProperty("maxShards").GetInt32());
        Assert.NotEmpty(queues[1].GetProperty("node").GetString()!);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Table_IsOneLineAQueue()
    {
        var (exitCode, output, _) = Run("remote-write");
        Assert.Equal(0, exitCode);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal(["NODE", "QUEUE", "LAG-S", "OWED-BYTES", "PENDING", "SHARDS", "SENT", "FAILED", "RETRIED", "DROPPED"], lines[0]);
        Assert.Equal(["away", "far"], lines.Skip(1).Select(line => line[1]));
        Assert.All(lines, line => Assert.Equal(10, line.Length));
        Assert.Equal(0, Run("remote-write", "-o", "wide").ExitCode);
        Assert.Equal((3, "error: there is no member nobody\n"), Run("remote-write", "--node", "nobody") is var (code, _, error) ? (code, error) : default);
    }

    private (int ExitCode, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = CommandTree.Run([.. args, "--url", _node.Client.BaseAddress!.ToString()], Stream.Null, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
