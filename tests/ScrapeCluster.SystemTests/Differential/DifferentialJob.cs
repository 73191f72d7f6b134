using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Differential;

/// <summary>A job that both scrapers run: its settings in prometheus.yml and the pages of its one target.</summary>
/// <param name="Settings">YAML lines of the job, indented by two, without job_name and targets.</param>
/// <param name="Labels">Labels of the target, as YAML flow pairs.</param>
internal sealed record DifferentialJob(string Name, Func<int, Page> Pages, string Settings = "", string Labels = "")
{
    /// <summary>Number of scrapes that are compared. Timestamps of pages stay clear of whole intervals, at which scrapes lie.</summary>
    public const int Rounds = 10;

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
        new("timestamps", n => new Page($"a {n} {Now - 4700}\nb {n}\n"), "  honor_timestamps: true\n"),
        new("ignore-timestamps", n => new Page($"a {n} 1000\nb {n}\n"), "  honor_timestamps: false\n"),
        new("metric-relabel", n => new Page($"keep_me{{a=\"x1\",b=\"drop\"}} {n}\ndrop_me 1\nrename_me{{a=\"z\"}} {n}\n"), """
              metric_relabel_configs:
              - {source_labels: [__name__], regex: 'drop_.*', action: drop}
              - {source_labels: [__name__, a], regex: 'rename_(me);(.)', target_label: __name__, replacement: 'renamed_${1}_$2'}
              - {regex: 'b', action: labeldrop}
              - {source_labels: [a], target_label: shard, modulus: 7, action: hashmod}
              - {source_labels: [a], target_label: upper, action: uppercase}

            """),
        new("label-limit", n => new Page(n == 3 ? "a{x=\"1\",y=\"2\",z=\"3\"} 1\n" : $"a{{x=\"1\"}} {n}\n"), "  label_limit: 5\n"),
        new("body-limit", n => new Page(n == 3 ? "a 1\n" + new string('#', 2000) + "\n" : $"a {n}\n"), "  body_size_limit: 1KB\n"),
        new("openmetrics", n => new Page($"# TYPE a counter\n# HELP a Counts.\na_total{{x=\"1\"}} {n} # {{trace=\"t\"}} 1\na_created 1.5\n# TYPE g gauge\ng {n}.5\n# EOF\n") { ContentType = Page.OpenMetrics }),
        new("openmetrics-no-eof", n => new Page($"# TYPE g gauge\ng {n}.5\n" + (n % 4 == 2 ? "" : "# EOF\n")) { ContentType = Page.OpenMetrics }),
        new("escapes", n => new Page($"a{{p=\"C:\\\\DIR\\\\\",q=\"say \\\"hi\\\"\",n=\"line\\nbreak\",u=\"\u00e4\u4e16\ud83d\ude00\"}} {n}\n")),
        new("known-over-limit", n => new Page(n is 4 ? "new 1\na 1\nb 1\nc 1\n" : $"a {n}\nb {n}\nc {n}\n"), "  sample_limit: 3\n"),
        new("garbage-later", n => new Page(n is 3 ? "a 1\nb 1\n!\n" : n is 4 ? "a 1\n!\n" : $"a {n}\nb {n}\n"), "  sample_limit: 2\n"),
        new("limit-counts-after-relabelling", n => new Page($"a {n}\ndrop_1 1\ndrop_2 1\nb {n}\n"), "  sample_limit: 2\n  metric_relabel_configs: [{source_labels: [__name__], regex: 'drop.*', action: drop}]\n"),
        new("name-length", n => new Page(n == 3 ? "a{abcdefghijklmnop=\"1\"} 1\n" : $"a{{x=\"1\"}} {n}\n"), "  label_name_length_limit: 15\n"),
        new("value-length", n => new Page(n == 3 ? $"a{{x=\"{new string('v', 41)}\"}} 1\n" : $"a{{x=\"{new string('v', 40)}\"}} {n}\n"), "  label_value_length_limit: 40\n"),
        new("body-limit-exact", n => new Page(n == 3 ? new string('#', 99) + "\n" : n == 5 ? new string('#', 98) + "\n" : $"a {n}\n"), "  body_size_limit: 100B\n"),
        new("flapping", n => new Page(n % 2 == 0 ? $"even {n}\nalways {n}\n" : $"always {n}\nodd {n}\n")),
        new("order-changes", n => new Page(n % 3 == 0 ? $"a {n}\nb {n}\nc {n}\n" : n % 3 == 1 ? $"c {n}\na {n}\nb {n}\n" : $"b {n}\nd {n}\nc {n}\na {n}\n")),
        new("fails-for-long", n => new Page($"a {n}\nb {n}\n") { Status = n is 2 or 3 or 4 or 5 ? 503 : 200 }),
        new("empty-then-fails", n => new Page(n is 2 or 3 ? "" : $"a {n}\n") { Status = n is 3 or 4 ? 500 : 200 }),
        new("empty-label", n => new Page($"a{{x=\"\",y=\"1\"}} {n}\na{{y=\"1\"}} {n}\n")),
        new("name-in-braces", n => new Page(n == 3 ? "a{__name__=\"b\"} 1\n" : $"a {n}\n")),
        new("unnamed", n => new Page(n == 3 ? "a 1\nlose_name{x=\"1\"} 1\n" : $"a {n}\n"), "  metric_relabel_configs: [{source_labels: [__name__], regex: lose_name, target_label: __name__, replacement: ''}]\n"),
        new("all-dropped", n => new Page($"a {n}\nb {n}\n"), "  metric_relabel_configs: [{source_labels: [__name__], regex: '.*', action: drop}]\n"),
        new("loses-target-labels", n => new Page($"a {n}\n"), "  metric_relabel_configs: [{regex: 'instance|job', action: labeldrop}]\n"),
        new("merged-by-relabelling", n => new Page($"a{{x=\"1\"}} {n}\na{{x=\"2\"}} {n}\n"), "  metric_relabel_configs: [{regex: x, action: labeldrop}]\n"),
        new("timestamp-goes-back", n => new Page($"a {n} {Now - (n == 4 ? 60_000 : 300)}\nb {n}\n")),
        new("timestamp-far-ahead", n => new Page(n == 3 ? $"a {n} {Now + 1_200_000}\nb {n}\n" : $"a {n}\nb {n}\n")),
        new("timestamp-long-ago", n => new Page(n == 3 ? $"a {n} 1000\nb {n}\n" : $"a {n}\nb {n}\n")),
        new("timestamp-stands", n => new Page(n < 3 ? "b 1\n" : $"a 1 {Start}\nb 1\n")),
        new("timestamp-stands-value-moves", n => new Page(n < 3 ? "b 1\n" : $"a {n} {Start}\nb 1\n")),
        new("timestamp-comes-and-goes", n => new Page(n % 3 == 1 ? $"a {n} {Now - 100}\nb 1\n" : n % 3 == 2 ? "b 1\n" : $"a {n}\nb 1\n")),
        new("openmetrics-timestamps", n => new Page($"# TYPE g gauge\ng {n} {Seconds(Now - 300)}\nh {n}\n# EOF\n") { ContentType = Page.OpenMetrics }),
        new("type-changes", n => new Page(n % 2 == 0 ? Openly(n) : $"a_total {n}\nb {n}\n") { ContentType = n % 2 == 0 ? Page.OpenMetrics : Page.Text }),
        new("redirect", n => new Page($"a {n}\n") { Status = n == 3 ? 302 : 200 }),
        new("not-only-200", n => new Page($"a {n}\n") { Status = n % 4 == 2 ? 202 : 200 }),
        new("bad-utf8", n => new Page("bytes") { Bytes = n == 3 ? [.. "a{x=\""u8, 0xff, .. "\"} 1\n"u8] : [.. "a{x=\"ok\"} 1\n"u8] }),
        new("nul", n => new Page(n == 3 ? "a 1\n\0b 1\n" : n == 5 ? "a{x=\"\0\"} 1\n" : $"a {n}\n")),
        new("carriage-return", n => new Page(n == 3 ? "a 1\r\nb 1\r\n" : $"a {n}\n")),
    ];

    /// <summary>One moment for both scrapers; first asked for when both are at work, since remote write sends nothing from before its start.</summary>
    private static readonly Lazy<long> FirstAsked = new(() => Now);

    private static long Start => FirstAsked.Value;

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static string Seconds(long milliseconds) => $"{milliseconds / 1000}.{milliseconds % 1000:000}";

    private static string Openly(int n) => $"# TYPE a counter\na_total {n}\nb {n}\n# EOF\n";
}
