using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Differential;

/// <summary>A job that both scrapers run: its settings in prometheus.yml and the pages of its one target.</summary>
/// <param name="Settings">YAML lines of the job, indented by two, without job_name and targets.</param>
/// <param name="Labels">Labels of the target, as YAML flow pairs.</param>
internal sealed record DifferentialJob(string Name, Func<int, Page> Pages, string Settings = "", string Labels = "")
{
    /// <summary>Number of scrapes that are compared.</summary>
    public const int Rounds = 8;

    private const string HistogramPage = """
        # HELP h A histogram.
        # TYPE h histogram
        h_bucket{le="0.5"} 1
        h_bucket{le="1"} 2
        h_bucket{le="10"} 3
        h_bucket{le="+Inf"} 3
        h_sum 7.5
        h_count 3
        # TYPE s summary
        s{quantile="0.5"} 1
        s{quantile="1"} 2
        s_sum 3
        s_count 2

        """;

    public static IReadOnlyList<DifferentialJob> All { get; } =
    [
        new("plain", n => new Page($"# TYPE a counter\na{{x=\"1\"}} {n}\na{{x=\"2\"}} {n * 0.1}\nb {n}e3\nno_newline_at_end {n}")),
        new("special", _ => new Page("v{k=\"nan\"} NaN\nv{k=\"inf\"} +Inf\nv{k=\"ninf\"} -Inf\nv{k=\"zero\"} 0\nv{k=\"tiny\"} 4.9e-324\nv{k=\"huge\"} 1.7976931348623157e308\nv{k=\"third\"} 0.3333333333333333\n")),
        new("vanish", n => new Page(n % 3 == 2 ? "stays 1\n" : $"stays 1\ngoes {n}\n")),
        new("fails", n => new Page($"a {n}\nb {n}\n") { Status = n % 4 == 2 ? 500 : 200 }),
        new("garbage", n => new Page(n % 4 == 3 ? $"a {n}\nb{{ 1\n" : $"a {n}\nb {n}\n")),
        new("empty", n => new Page(n % 4 == 1 ? "" : $"a {n}\n")),
        new("slow", n => new Page($"a {n}\n") { Delay = n % 4 == 1 ? TimeSpan.FromSeconds(2) : TimeSpan.Zero }),
        new("two-spellings", _ => new Page("b{x=\"1\"} 1\nb{x=\"1\",} 1\n")),
        new("duplicate-label", n => new Page(n == 2 ? "good 1\nbad{a=\"1\",a=\"2\"} 1\n" : $"good {n}\n")),
        new("conflict", n => new Page($"a{{zone=\"exposed\",exported_zone=\"x\",job=\"theirs\"}} {n}\na{{zone=\"\",instance=\"i\"}} {n}\n"), Labels: "zone: target"),
        new("honor-labels", n => new Page($"a{{zone=\"exposed\",job=\"theirs\"}} {n}\na{{zone=\"\"}} {n}\n"), "  honor_labels: true\n", "zone: target"),
        new("timestamps", n => new Page($"a {n} {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 5000}\nb {n}\n"), "  honor_timestamps: true\n"),
        new("ignore-timestamps", n => new Page($"a {n} 1000\nb {n}\n"), "  honor_timestamps: false\n"),
        new("metric-relabel", n => new Page($"keep_me{{a=\"x1\",b=\"drop\"}} {n}\ndrop_me 1\nrename_me{{a=\"z\"}} {n}\n"), """
              metric_relabel_configs:
              - {source_labels: [__name__], regex: 'drop_.*', action: drop}
              - {source_labels: [__name__, a], regex: 'rename_(me);(.)', target_label: __name__, replacement: 'renamed_${1}_$2'}
              - {regex: 'b', action: labeldrop}
              - {source_labels: [a], target_label: shard, modulus: 7, action: hashmod}
              - {source_labels: [a], target_label: upper, action: uppercase}

            """),
        new("sample-limit", n => new Page(n is 3 or 4 ? "a 1\nb 1\nc 1\nd 1\n" : $"a {n}\nb {n}\nc {n}\n"), "  sample_limit: 3\n"),
        new("label-limit", n => new Page(n == 3 ? "a{x=\"1\",y=\"2\",z=\"3\"} 1\n" : $"a{{x=\"1\"}} {n}\n"), "  label_limit: 5\n"),
        new("body-limit", n => new Page(n == 3 ? "a 1\n" + new string('#', 2000) + "\n" : $"a {n}\n"), "  body_size_limit: 1KB\n"),
        new("openmetrics", n => new Page($"# TYPE a counter\n# HELP a Counts.\na_total{{x=\"1\"}} {n} # {{trace=\"t\"}} 1\na_created 1.5\n# TYPE g gauge\ng {n}.5\n# EOF\n") { ContentType = Page.OpenMetrics }),
        new("openmetrics-no-eof", n => new Page($"# TYPE g gauge\ng {n}.5\n" + (n % 4 == 2 ? "" : "# EOF\n")) { ContentType = Page.OpenMetrics }),
        new("escapes", n => new Page($"a{{p=\"C:\\\\DIR\\\\\",q=\"say \\\"hi\\\"\",n=\"line\\nbreak\",u=\"\u00e4\u4e16\ud83d\ude00\"}} {n}\n")),
    ];

    /// <summary>Jobs on which version 2.42 is known to differ from version 3, whose behaviour is the truth here.</summary>
    public static IReadOnlyList<DifferentialJob> KnownToDiffer { get; } =
    [
        new("histogram", _ => new Page(HistogramPage)),
        new("no-content-type", n => new Page($"a {n}\n") { ContentType = null }),
        new("repeated", n => new Page($"a {n}\na {n + 1}\n")),
    ];
}
