using System.Reflection;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;
using ScrapeCluster.Testing;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>
/// What a sender of remote write 1.0 must do, case by case, under the names of the list that lies beside the acceptance suites: C are the cases of the
/// public compliance suite (https://github.com/prometheus/compliance, remote write sender), X are further ones from the specification and from Prometheus's
/// behaviour. All run at once, at an interval of a second, on one node that SIGINT ends.
/// </summary>
[Collection(SenderRun.Name)]
public sealed partial class SenderCaseTests(SenderRun run)
{
    /// <summary>The one case that has no test: exemplars are not stored yet.</summary>
    private const string NotYet = "X_Exemplars";

    private static long NowMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Fact]
    public void EveryCaseOfTheList_HasATestOfItsName()
    {
        Assert.SkipUnless(Suites.TryFind(out var file, "remote_write_1_cases.md"), Suites.MissingReason);
        var listed = File.ReadLines(file!).Where(line => line.StartsWith("- C ", StringComparison.Ordinal) || line.StartsWith("- X ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')).Select(words => $"{words[1]}_{words[2]}").ToList();
        var tests = typeof(SenderCaseTests).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => method.Name).ToHashSet();

        Assert.Equal(70, listed.Count);
        Assert.Equal([NotYet], listed.Where(name => !tests.Contains(name)));
    }

    [Fact]
    public void Interrupt_EndsInOrder()
    {
        Assert.True(run.Node.ExitCode == 0, $"exit code {run.Node.ExitCode}:\n{run.Node.Output}");
        Assert.DoesNotContain("nhandled exception", run.Node.Output, StringComparison.Ordinal);
    }

    private static readonly SenderCase Counter = new(n => $"# TYPE counter counter\ncounter {n}\n");

    [Fact]
    public void C_Counter() => run.Of(Counter).AssertEveryPage("counter");

    private static readonly SenderCase Gauge = new(_ => $"gauge {NowMs / 1000.0:F3}\n");

    [Fact]
    public void C_Gauge()
    {
        var values = run.Of(Gauge).ValuesOf("gauge");
        Assert.NotEmpty(values);
        Assert.All(values, sample => Assert.InRange(sample.Value, sample.TimestampMs * 0.99 / 1000, sample.TimestampMs * 1.01 / 1000));
    }

    private static readonly SenderCase Histogram = new(n =>
        $"# TYPE histogram histogram\nhistogram_bucket{{le=\"1\"}} {n}\nhistogram_bucket{{le=\"2\"}} {2 * n}\nhistogram_bucket{{le=\"+Inf\"}} {3 * n}\nhistogram_sum {4 * n}\nhistogram_count {3 * n}\n");

    /// <summary>Bounds come in the form of OpenMetrics, as from Prometheus 3: 1 as 1.0.</summary>
    [Fact]
    public void C_Histogram() => AssertWholePages(run.Of(Histogram), "histogram_sum", 4, new Dictionary<string, int>
    {
        ["histogram_bucket 1.0"] = 1,
        ["histogram_bucket 2.0"] = 2,
        ["histogram_bucket +Inf"] = 3,
        ["histogram_count "] = 3,
        ["histogram_sum "] = 4,
    });

    private static readonly SenderCase Summary = new(n =>
        $"# TYPE summary summary\nsummary{{quantile=\"0.5\"}} {n}\nsummary{{quantile=\"0.9\"}} {2 * n}\nsummary{{quantile=\"0.99\"}} {3 * n}\nsummary_sum {4 * n}\nsummary_count {5 * n}\n");

    [Fact]
    public void C_Summary() => AssertWholePages(run.Of(Summary), "summary_sum", 4, new Dictionary<string, int>
    {
        ["summary 0.5"] = 1,
        ["summary 0.9"] = 2,
        ["summary 0.99"] = 3,
        ["summary_sum "] = 4,
        ["summary_count "] = 5,
    });

    private static readonly SenderCase Up = new(n => $"value {n}\n");

    [Fact]
    public void C_Up()
    {
        var record = run.Of(Up);
        record.AssertUp();
        Assert.All(record.Of("up"), up => Assert.Equal("Up", up.Labels["job"]));
    }

    private static readonly SenderCase Invalid = new(_ => "this is { not an exposition\n");

    [Fact]
    public void C_Invalid() => run.Of(Invalid).AssertAllFailed();

    private static readonly SenderCase JobLabel = new(_ => "gauge 42\n") { JobName = "test" };

    [Fact]
    public void C_JobLabel()
    {
        var values = run.Of(JobLabel).ValuesOf("gauge");
        Assert.NotEmpty(values);
        Assert.All(values, sample => Assert.Equal(("test", 42), (sample.Labels["job"], sample.Value)));
    }

    private static readonly SenderCase InstanceLabel = new(_ => "gauge 1\n");

    [Fact]
    public void C_InstanceLabel()
    {
        var samples = run.Of(InstanceLabel).Samples;
        Assert.NotEmpty(samples);
        Assert.All(samples, sample => Assert.Matches(@"^127\.0\.0\.1:\d+$", sample.Labels.GetValueOrDefault("instance", "")));
    }

    private static readonly SenderCase SortedLabels = new(_ => "test{b=\"2\",a=\"1\"} 1\n");

    [Fact]
    public void C_SortedLabels()
    {
        var record = run.Of(SortedLabels);
        Assert.NotEmpty(record.ValuesOf("test"));
        AssertSortedAndWhole(record);
    }

    private static readonly SenderCase RepeatedLabels = new(_ => "test{a=\"1\",a=\"1\"} 1\ntest{b=\"1\",b=\"2\"} 1\n");

    [Fact]
    public void C_RepeatedLabels()
    {
        var record = run.Of(RepeatedLabels);
        Assert.Empty(record.Of("test"));
        AssertSortedAndWhole(record);
    }

    private static readonly SenderCase EmptyLabels = new(n => $"test{{a=\"\",b=\"2\"}} {n}\n");

    [Fact]
    public void C_EmptyLabels()
    {
        var record = run.Of(EmptyLabels);
        record.AssertEveryPage("test");
        Assert.All(record.Of("test"), sample => Assert.Equal(["__name__", "b", "instance", "job"], sample.LabelNames));
    }

    private static readonly SenderCase NameLabel = new(_ => "{label=\"value\"} 1\n");

    [Fact]
    public void C_NameLabel()
    {
        var record = run.Of(NameLabel);
        Assert.NotEmpty(record.Samples);
        Assert.All(record.Samples, sample =>
        {
            Assert.NotEqual("", sample.Name);
            Assert.DoesNotContain("label", sample.LabelNames);
        });
    }

    private static readonly SenderCase HonorLabels = new(_ => "test{job=\"theirs\",instance=\"their-own\"} 1\n");

    [Fact]
    public void C_HonorLabels()
    {
        var values = run.Of(HonorLabels).ValuesOf("test");
        Assert.NotEmpty(values);
        Assert.All(values, sample =>
            Assert.Equal(("HonorLabels", "theirs", "their-own"), (sample.Labels["job"], sample.Labels["exported_job"], sample.Labels["exported_instance"])));
    }

    private static readonly SenderCase Staleness = new(n => n % 4 == 0 ? "once 1\nstays 1\n" : "stays 1\n");

    [Fact]
    public void C_Staleness()
    {
        var record = run.Of(Staleness);
        Assert.NotEmpty(record.AssertMarkers("once"));
        record.AssertMarkers("stays");
    }

    private static readonly SenderCase Timestamp = new(n => $"value {n}\n") { Queue = "queue_config: {max_shards: 1}" };

    [Fact]
    public void C_Timestamp()
    {
        var record = run.Of(Timestamp);
        var times = record.Samples.Select(sample => sample.TimestampMs).ToList();
        Assert.NotEmpty(times);
        Assert.Equal(times.Order(), times);
        Assert.InRange(times[0], record.Times.StartedMs, record.Times.EndedMs);
        Assert.InRange(times[^1], record.Times.StartedMs, record.Times.EndedMs);
    }

    private static readonly SenderCase Headers = new(n => $"value {n}\n");

    [Fact]
    public void C_Headers()
    {
        var requests = run.Of(Headers).Requests;
        Assert.NotEmpty(requests);
        Assert.All(requests, request =>
        {
            Assert.Equal("snappy", request.Headers["Content-Encoding"]);
            Assert.Equal("application/x-protobuf", request.Headers["Content-Type"]);
            Assert.Equal("0.1.0", request.Headers["X-Prometheus-Remote-Write-Version"]);
        });
    }

    private const int OrderedSeries = 1000;
    private static readonly Random Patience = new(5);

    private static readonly SenderCase Ordering = new(n => SenderCase.Many("ordered", OrderedSeries, n))
    {
        Answer = _ => WriteAnswer.Taken with { Delay = TimeSpan.FromMilliseconds(Patience.Next(5000)) },
    };

    [Fact]
    public void C_Ordering()
    {
        var record = run.Of(Ordering);
        var last = new Dictionary<string, long>();
        foreach (var sample in record.Samples)
        {
            Assert.True(sample.TimestampMs > last.GetValueOrDefault(sample.Series), $"{sample} came behind {last.GetValueOrDefault(sample.Series)}");
            last[sample.Series] = sample.TimestampMs;
        }

        AssertEveryPageOf(record, "ordered", OrderedSeries);
    }

    private static readonly SenderCase Retries500 = new(n => $"now{{}} {n}\n")
    {
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Answer = request => new WriteAnswer(request.Number == 0 ? 500 : 204),
    };

    [Fact]
    public void C_Retries500()
    {
        var record = run.Of(Retries500);
        Assert.All(record.Writes.First().Samples, sample => Assert.Contains(sample.ToString(), record.Samples.Select(taken => taken.ToString())));
        record.AssertEveryPage("now");
        record.AssertNoRepeats();
    }

    private static readonly SenderCase Retries400 = new(n => $"now{{}} {n}\n")
    {
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Answer = request => new WriteAnswer(request.Number == 0 ? 400 : 204),
        Enough = IsRefusedAndWentOn,
    };

    [Fact]
    public void C_Retries400() => AssertRefusedForGood(run.Of(Retries400));
}
