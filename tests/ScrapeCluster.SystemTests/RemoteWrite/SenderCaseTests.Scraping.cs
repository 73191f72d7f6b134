using System.IO.Compression;
using System.Text;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>Cases of the scrape whose outcome is seen in what is sent: limits, formats, requests, discovery.</summary>
public sealed partial class SenderCaseTests
{
    private static readonly SenderCase ScrapeTimeout = new(_ => new Page("value 1\n") { Delay = TimeSpan.FromSeconds(3) }) { Job = "scrape_timeout: 500ms" };

    [Fact]
    public void X_ScrapeTimeout() => Assert.All(run.Of(ScrapeTimeout).AssertAllFailed(), scrape => Assert.InRange(scrape.Seconds, 0.49, 30));

    private static readonly SenderCase SampleLimit = new(_ => "a 1\nb 1\nc 1\n") { Job = "sample_limit: 2" };

    [Fact]
    public void X_SampleLimit()
    {
        var record = run.Of(SampleLimit);
        var whole = record.AssertAllFailed().Where(scrape => !scrape.IsCut).Select(scrape => scrape.TimestampMs).ToHashSet();
        Assert.NotEmpty(whole);
        foreach (var name in (string[])["scrape_samples_scraped", "scrape_samples_post_metric_relabeling"])
        {
            Assert.All(record.ValuesOf(name).Where(sample => whole.Contains(sample.TimestampMs)), sample => Assert.Equal(3, sample.Value));
        }
    }

    /// <summary>With job, instance and the case's mark a series has four labels already.</summary>
    private static readonly SenderCase LabelLimits = new(n => (n % 4) switch
    {
        0 => $"good {n}\n",
        1 => "bad{a=\"1\",b=\"2\",c=\"3\"} 1\n",
        2 => "bad{abcdefghijklmnop=\"1\"} 1\n",
        _ => $"bad{{a=\"{new string('v', 41)}\"}} 1\n",
    })
    {
        Job = "label_limit: 6\nlabel_name_length_limit: 15\nlabel_value_length_limit: 40",
        Enough = record => record.Served.Count > 9,
    };

    [Fact]
    public void X_LabelLimits()
    {
        var record = run.Of(LabelLimits);
        Assert.Empty(record.Of("bad"));
        var good = record.ValuesOf("good").Select(sample => sample.TimestampMs);
        Assert.NotEmpty(good);
        Assert.Equal(good, record.Scrapes().Where(scrape => scrape.IsUp).Select(scrape => scrape.TimestampMs));
    }

    private static readonly SenderCase BodySizeLimit = new(_ => "value 1\n" + new string('#', 100) + "\n") { Job = "body_size_limit: 100B" };

    [Fact]
    public void X_BodySizeLimit() => run.Of(BodySizeLimit).AssertAllFailed();

    private static readonly SenderCase TargetLimit = new(n => $"value {n}\n")
    {
        Job = "target_limit: 1",
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Targets = "static_configs: [{targets: ['<exporter>'], labels: {which: one}}, {targets: ['<exporter>'], labels: {which: other}}]",
        Enough = record => record.Of("up").Count > 4,
    };

    [Fact]
    public void X_TargetLimit()
    {
        var record = run.Of(TargetLimit);
        Assert.Empty(record.Exposed);
        Assert.Equal(["one", "other"], record.Of("up").Select(up => up.Labels["which"]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(record.Of("up"), up => Assert.Equal(0, up.Value));
    }

    private static readonly SenderCase Gzip = new(n => new Page("")
    {
        Bytes = Packed($"value {n}\n"),
        Headers = new Dictionary<string, string> { ["Content-Encoding"] = "gzip" },
    });

    [Fact]
    public void X_Gzip()
    {
        var record = run.Of(Gzip);
        Assert.All(record.Served, page => Assert.Contains("gzip", page.RequestHeaders["Accept-Encoding"], StringComparison.Ordinal));
        record.AssertEveryPage("value");
    }

    private static readonly SenderCase ScrapeHeaders = new(n => $"value {n}\n") { Job = "scrape_timeout: 900ms" };

    [Fact]
    public void X_ScrapeHeaders()
    {
        var record = run.Of(ScrapeHeaders);
        Assert.All(record.Served, page =>
        {
            Assert.Equal("GET", page.Method);
            Assert.Matches("text/plain; ?version=0.0.4", page.RequestHeaders["Accept"]);
            Assert.Contains("application/openmetrics-text", page.RequestHeaders["Accept"], StringComparison.Ordinal);
            Assert.Equal("0.9", page.RequestHeaders["X-Prometheus-Scrape-Timeout-Seconds"]);
            Assert.NotEqual("", page.RequestHeaders["User-Agent"]);
        });
        record.AssertEveryPage("value", 0.9);
    }

    private static readonly SenderCase OpenMetricsPage = new(n => new Page(
        $"# TYPE counted counter\n# HELP counted Counts.\ncounted_total{{x=\"1\"}} {n} # {{trace_id=\"t\"}} 1\ncounted_created{{x=\"1\"}} 1.5\n"
        + $"# TYPE level_bytes gauge\n# UNIT level_bytes bytes\nlevel_bytes {n} {Seconds(NowMs - 700)}\n# EOF\n")
    { ContentType = Page.OpenMetrics });

    [Fact]
    public void X_OpenMetricsPage()
    {
        var record = run.Of(OpenMetricsPage);
        record.AssertUp();
        record.AssertEveryPage("counted_total");
        record.AssertEveryPage("level_bytes");
        Assert.All(record.ValuesOf("counted_created"), sample => Assert.Equal(1.5, sample.Value));
        Assert.NotEmpty(record.ValuesOf("counted_created"));
        Assert.All(record.Of("level_bytes"), sample =>
            Assert.Contains($"level_bytes {sample.Value} {Seconds(sample.TimestampMs)}\n", record.Served[(int)sample.Value].Body, StringComparison.Ordinal));
    }

    private static readonly SenderCase OpenMetricsNoEof = new(n => new Page($"# TYPE value gauge\nvalue {n}\n") { ContentType = Page.OpenMetrics });

    [Fact]
    public void X_OpenMetricsNoEof() => run.Of(OpenMetricsNoEof).AssertAllFailed();

    private static readonly SenderCase PartialPageRollback = new(n => $"good {n}\nfine {n}\nbad{{ 1\n");

    [Fact]
    public void X_PartialPageRollback() => run.Of(PartialPageRollback).AssertAllFailed();

    private static readonly SenderCase Redirect = new(n => Redirected("/Redirect/there", n)) { Prepare = site => Serve(site, "/Redirect/there", "value") };

    private static readonly SenderCase RedirectNotFollowed = new(n => Redirected("/Redirect/there", n)) { Job = "follow_redirects: false" };

    [Fact]
    public void X_Redirect()
    {
        var followed = run.Of(Redirect);
        followed.AssertUp();
        Assert.NotEmpty(followed.ValuesOf("value"));
        run.Of(RedirectNotFollowed).AssertAllFailed();
    }

    private static readonly SenderCase ScrapeAuth = new(n => $"value {n}\n")
    {
        ServedPath = "/own/path",
        Job = "metrics_path: /own/path\nbasic_auth: {username: user, password: pass}\nparams: {module: [one, two], other: ['a b']}",
    };

    private static readonly SenderCase ScrapeAuthorization = new(n => $"value {n}\n") { Job = "authorization: {credentials: a-token}" };

    [Fact]
    public void X_ScrapeAuth()
    {
        var basic = run.Of(ScrapeAuth);
        Assert.All(basic.Served, page =>
        {
            Assert.Equal($"Basic {Convert.ToBase64String("user:pass"u8)}", page.RequestHeaders["Authorization"]);
            Assert.Equal("?module=one&module=two&other=a b", Uri.UnescapeDataString(page.Query.Replace('+', ' ')));
        });
        basic.AssertEveryPage("value");
        var bearer = run.Of(ScrapeAuthorization);
        Assert.All(bearer.Served, page => Assert.Equal("Bearer a-token", page.RequestHeaders["Authorization"]));
        bearer.AssertEveryPage("value");
    }

    private static readonly SenderCase ReloadAddsTarget = new(n => $"value {n}\n")
    {
        Prepare = site => Serve(site, "/ReloadAddsTarget/added", "added"),
        Steps = async site =>
        {
            await site.PagesAsync(3);
            await site.Node.ReloadAsync($$"""
                - job_name: added
                  metrics_path: /ReloadAddsTarget/added
                  relabel_configs: [{target_label: case, replacement: ReloadAddsTarget}]
                  static_configs: [targets: ['{{site.Exporter.Address}}']]

                """);
            await site.Until("the added target to be scraped", () => site.Exporter.ServedOn("/ReloadAddsTarget/added").Count > 3);
        },
    };

    [Fact]
    public void X_ReloadAddsTarget()
    {
        var record = run.Of(ReloadAddsTarget);
        Assert.Equal(["added"], record.ValuesOf("added").Select(sample => sample.Labels["job"]).Distinct());
        record.AssertEveryPage("value");
        record.AssertNoRepeats();
    }

    private static readonly SenderCase HttpSd = new(n => $"value {n}\n")
    {
        Targets = "http_sd_configs: [{url: 'http://<exporter>/HttpSd/targets', refresh_interval: 5s}]",
        Prepare = site =>
        {
            var list = $"[{{\"targets\": [\"{site.Exporter.Address}\"], \"labels\": {{\"zone\": \"z1\", \"__meta_kind\": \"k1\"}}}}]";
            site.Exporter.OnPath("/HttpSd/targets", _ => new Page(list) { ContentType = "application/json" });
            return Task.CompletedTask;
        },
        Relabel = "- {source_labels: [__meta_kind], target_label: kind}",
    };

    [Fact]
    public void X_HttpSd()
    {
        var record = run.Of(HttpSd);
        record.AssertEveryPage("value");
        Assert.All(record.Samples, sample => Assert.Equal(("z1", "k1"), (sample.Labels["zone"], sample.Labels["kind"])));
        var asked = record.ServedOn("/HttpSd/targets");
        Assert.NotEmpty(asked);
        Assert.All(asked, list => Assert.Equal("5", list.RequestHeaders["X-Prometheus-Refresh-Interval-Seconds"]));
    }

    private static readonly SenderCase ScrapeIntervalPerTarget = new(n => $"value {n}\n")
    {
        Relabel = "- {target_label: __scrape_interval__, replacement: 2s}\n- {target_label: __scrape_timeout__, replacement: 1500ms}",
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Enough = record => GapsMs(record).Count(gap => gap is >= 1800 and <= 2200) >= 3,
    };

    /// <summary>Two seconds apart when the machine lets them: three such gaps are waited for.</summary>
    [Fact]
    public void X_ScrapeIntervalPerTarget()
    {
        var record = run.Of(ScrapeIntervalPerTarget);
        Assert.All(record.Served, page => Assert.Equal("1.5", page.RequestHeaders["X-Prometheus-Scrape-Timeout-Seconds"]));
        var scrapes = record.Scrapes();
        Assert.InRange(scrapes.Count, 4, ((scrapes[^1].TimestampMs - scrapes[0].TimestampMs) / 2000) + 2);
        record.AssertEveryPage("value", 1.5);
    }

    private static Page Redirected(string to, int number) => new($"not_this {number}\n") { Status = 302, Headers = new Dictionary<string, string> { ["Location"] = to } };

    private static Task Serve(CaseSite site, string path, string name)
    {
        site.Exporter.OnPath(path, n => $"{name} {n}\n");
        return Task.CompletedTask;
    }

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
