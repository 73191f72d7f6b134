using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Differential;

/// <summary>A job on which the node differs from version 2.42, and what the difference is: mostly version 3, whose behaviour is the truth here.</summary>
/// <param name="OnlyStock">Pattern of every sample that stock Prometheus alone wrote; null when there is none.</param>
/// <param name="OnlyNode">The same of the node.</param>
internal sealed record KnownDifference(string Reason, DifferentialJob Job, string? OnlyStock, string? OnlyNode)
{
    private const string Stale = "7ff0000000000002";
    private const string Zero = "0000000000000000";
    private const string One = "3ff0000000000000";

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

    public static IReadOnlyList<KnownDifference> All { get; } =
    [
        new("3.0 writes le and quantile in OpenMetrics' form", new("histogram", _ => new Page(HistogramPage)), "(le|quantile)=\"(1|10)\"", "(le|quantile)=\"(1|10)\\.0\""),
        new("3.0 wants a Content-Type", new("no-content-type", n => new Page($"a {n}\n") { ContentType = null }),
            $"__name__=\"a\"|__name__=\"(up|scrape_samples_.*|scrape_series_added)\".* {One}$", $"__name__=\"(up|scrape_samples_.*|scrape_series_added)\".* {Zero}$"),
        new("3.0 keeps the first of two samples of one series in one page", new("repeated", n => new Page($"a {n}\na {n + 1}\n")), "__name__=\"a\"", null),
        new("3.0 forgets a new series that the sample limit kept out, so nothing of it ends", new("new-over-limit",
            n => new Page(n is 3 or 4 ? "a 1\nb 1\nc 1\nd 1\n" : n is 7 ? "a 1\n" : $"a {n}\nb {n}\nc {n}\n"), "  sample_limit: 3\n"), $"__name__=\"d\".* {Stale}$", null),
        new("the node writes -0 out in remote write; Prometheus of any version leaves it out, so that it arrives as 0", new("minus-zero", _ => new Page("v -0\n")),
            $"__name__=\"v\".* {Zero}$", "__name__=\"v\".* 8000000000000000$"),
        new("the node refuses the second value of one series before anything is written; Prometheus writes and sends it, and drops it on commit",
            new("spellings-differ", n => new Page($"b{{x=\"1\"}} {n}\nb{{x=\"1\",}} {n + 1}\nb{{ x = \"1\" }} {n}\n")),
            "__name__=\"(b|scrape_series_added)\"", "__name__=\"scrape_series_added\""),
    ];
}
