using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>Cases of labels: whose win, what relabelling makes of them, how they are spelled.</summary>
public sealed partial class SenderCaseTests
{
    private static readonly SenderCase ExternalLabels = new(n => $"value {n}\nvalue{{region=\"own\"}} {n}\n") { KeepsExternalLabels = true };

    [Fact]
    public void X_ExternalLabels()
    {
        var record = run.Of(ExternalLabels);
        Assert.NotEmpty(record.Samples);
        Assert.All(record.Samples, sample => Assert.Equal("r1", sample.Labels["replica"]));
        Assert.Equal(["eu", "own"], record.ValuesOf("value").Select(sample => sample.Labels["region"]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["eu"], record.Of("up").Select(sample => sample.Labels["region"]).Distinct());
    }

    private static readonly SenderCase HonorLabelsTrue = new(_ => "test{job=\"theirs\",instance=\"their-own\"} 1\ntest{job=\"\",zone=\"\"} 2\n")
    {
        Job = "honor_labels: true",
        Relabel = "- {target_label: zone, replacement: z1}",
    };

    [Fact]
    public void X_HonorLabelsTrue()
    {
        var values = run.Of(HonorLabelsTrue).ValuesOf("test");
        var kept = values.Where(sample => sample.Value == 1).ToList();
        var emptied = values.Where(sample => sample.Value == 2).ToList();
        Assert.NotEmpty(kept);
        Assert.NotEmpty(emptied);
        Assert.All(kept, sample => Assert.Equal(("theirs", "their-own", "z1"), (sample.Labels["job"], sample.Labels["instance"], sample.Labels["zone"])));
        Assert.All(emptied, sample => Assert.Equal(["__name__", "instance"], sample.LabelNames));
    }

    private static readonly SenderCase ExportedExportedLabel = new(_ => "test{job=\"theirs\",exported_job=\"older\"} 1\n");

    [Fact]
    public void X_ExportedExportedLabel()
    {
        var values = run.Of(ExportedExportedLabel).ValuesOf("test");
        Assert.NotEmpty(values);
        Assert.All(values, sample => Assert.Equal(("ExportedExportedLabel", "older", "theirs"),
            (sample.Labels["job"], sample.Labels["exported_job"], sample.Labels["exported_exported_job"])));
    }

    private static readonly SenderCase WriteRelabel = new(n => $"keep_me{{a=\"x\"}} {n}\ndrop_me{{a=\"x\"}} {n}\n")
    {
        KeepsExternalLabels = true,
        WriteRelabel = """
            - {source_labels: [__name__], regex: 'drop_.*', action: drop}
            - {source_labels: [region, a], regex: '(.+);(.+)', target_label: seen, replacement: '$2-of-$1'}
            - {regex: 'replica|a', action: labeldrop}
            """,
    };

    [Fact]
    public void X_WriteRelabel()
    {
        var record = run.Of(WriteRelabel);
        Assert.Empty(record.Of("drop_me"));
        record.AssertEveryPage("keep_me");
        Assert.All(record.Of("keep_me"), sample => Assert.Equal(("x-of-eu", "eu"), (sample.Labels["seen"], sample.Labels["region"])));
        Assert.All(record.Samples, sample => Assert.Empty(sample.LabelNames.Intersect(["replica", "a"])));
        record.AssertUp();
    }

    private static readonly SenderCase MetricRelabel = new(n => $"first{{pre_x=\"1\",UPPER=\"SHOUT\"}} {n}\ndrop_me 1\nup_like 1\n")
    {
        Job = """
            metric_relabel_configs:
            - {source_labels: [__name__], regex: first, target_label: __name__, replacement: renamed}
            - {source_labels: [__name__], regex: 'drop_me|up|scrape_.*', action: drop}
            - {regex: 'pre_(.*)', action: labelmap, replacement: 'post_$1'}
            - {source_labels: [__name__], target_label: shard, modulus: 1, action: hashmod}
            - {source_labels: [UPPER], target_label: lower, action: lowercase}
            """,
    };

    [Fact]
    public void X_MetricRelabel()
    {
        var record = run.Of(MetricRelabel);
        record.AssertEveryPage("renamed");
        Assert.All(record.Of("renamed"), sample => Assert.Equal(("1", "1", "0", "shout"),
            (sample.Labels["pre_x"], sample.Labels["post_x"], sample.Labels["shard"], sample.Labels["lower"])));
        Assert.Equal(["renamed", "up_like"], record.Exposed.Select(sample => sample.Name).Distinct().Order(StringComparer.Ordinal));

        // What the scrape reports of itself is not relabelled.
        foreach (var scrape in record.Scrapes())
        {
            var reports = record.Samples.Where(sample => sample.TimestampMs == scrape.TimestampMs && CaseRecord.IsReport(sample)).ToList();
            Assert.Equal(5, reports.Count);
            Assert.All(reports, report => Assert.Equal(["__name__", "instance", "job"], report.LabelNames));
        }
    }

    private static readonly SenderCase TargetRelabel = new(n => $"value {n}\n")
    {
        ServedPath = "/TargetRelabel/elsewhere",
        Relabel = """
            - {source_labels: [__tmp_kind], regex: unwanted, action: drop}
            - {source_labels: [__tmp_address], target_label: __address__}
            - {source_labels: [__metrics_path__], target_label: __metrics_path__, replacement: '$1/elsewhere'}
            - {source_labels: [__meta_module], target_label: __param_module}
            - {source_labels: [__tmp_kind], target_label: instance, replacement: 'an-$1'}
            """,
        Targets = """
            static_configs:
            - {targets: ['nowhere.invalid:1'], labels: {__tmp_kind: wanted, __tmp_address: '<exporter>', __meta_module: mod}}
            - {targets: ['nowhere.invalid:2'], labels: {__tmp_kind: unwanted, __tmp_address: '<exporter>'}}
            """,
    };

    [Fact]
    public void X_TargetRelabel()
    {
        var record = run.Of(TargetRelabel);
        record.AssertEveryPage("value");
        Assert.All(record.Served, page => Assert.Equal("?module=mod", page.Query));
        Assert.All(record.Samples, sample =>
        {
            Assert.Equal("an-wanted", sample.Labels["instance"]);
            Assert.Equal(["__name__", "instance", "job"], sample.LabelNames);
        });
    }

    private static readonly SenderCase LabelValues = new(n => "value{path=\"C:\\\\DIR\\\\\",said=\"say \\\"hi\\\"\",lines=\"a\\nb\",utf8=\"\u00e4\u4e16\ud83d\ude00\",odd=\"{a=b, c} = \"} " + $"{n}\n");

    [Fact]
    public void X_LabelValues()
    {
        var record = run.Of(LabelValues);
        record.AssertEveryPage("value");
        Assert.All(record.Of("value"), sample => Assert.Equal(("C:\\DIR\\", "say \"hi\"", "a\nb", "\u00e4\u4e16\ud83d\ude00", "{a=b, c} = "),
            (sample.Labels["path"], sample.Labels["said"], sample.Labels["lines"], sample.Labels["utf8"], sample.Labels["odd"])));
    }

    private static readonly SenderCase LabelByteOrder = new(n => $"value{{a=\"1\",_x=\"2\",A=\"3\",none=\"\",Z=\"4\"}} {n}\n");

    [Fact]
    public void X_LabelByteOrder()
    {
        var record = run.Of(LabelByteOrder);
        record.AssertEveryPage("value");
        Assert.All(record.Of("value"), sample => Assert.Equal(["A", "Z", "__name__", "_x", "a", "instance", "job"], sample.LabelNames));
        AssertSortedAndWhole(record);
    }
}
