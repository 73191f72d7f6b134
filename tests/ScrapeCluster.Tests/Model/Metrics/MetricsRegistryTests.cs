using System.Buffers;
using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Model.Metrics;

public sealed class MetricsRegistryTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MetricsRegistry _registry;

    public MetricsRegistryTests()
    {
        _registry = new MetricsRegistry(_time);
    }

    [Fact]
    public void Write_AllKindsAsText_FollowsTheFormat()
    {
        _registry.Counters("b_total", "Things\nof a \\ \"kind\".", "job", "why").With("a\"\\\n", "é").Add(3);
        _registry.Gauge("a", "A gauge.").Set(-1.5);
        _registry.GaugeCallback("c", "Read.", () => double.PositiveInfinity);
        var histogram = _registry.Histogram("h_seconds", "H.", [0.5, 1]);
        histogram.Observe(0.5);
        histogram.Observe(0.75);
        histogram.Observe(7);

        Assert.Equal(
            """
            # HELP a A gauge.
            # TYPE a gauge
            a -1.5
            # HELP b_total Things\nof a \\ "kind".
            # TYPE b_total counter
            b_total{job="a\"\\\n",why="é"} 3
            # HELP c Read.
            # TYPE c gauge
            c +Inf
            # HELP h_seconds H.
            # TYPE h_seconds histogram
            h_seconds_bucket{le="0.5"} 1
            h_seconds_bucket{le="1"} 2
            h_seconds_bucket{le="+Inf"} 3
            h_seconds_sum 8.25
            h_seconds_count 3

            """,
            Written(MetricsFormat.Text));
    }

    [Fact]
    public void Write_OpenMetrics_NamesCountersByTheirRulesAndEnds()
    {
        _registry.Counter("a_total", "A \"quoted\" one.").Inc();
        _registry.Counter("b", "B.").Inc();

        Assert.Equal(
            """
            # HELP a A \"quoted\" one.
            # TYPE a counter
            a_total 1
            # HELP b B.
            # TYPE b counter
            b_total 1
            # EOF

            """,
            Written(MetricsFormat.OpenMetrics));
    }

    [Fact]
    public void Family_SameNameTwice_IsTheSameFamily()
    {
        _registry.Counters("x_total", "X.", "job").With("a").Inc();
        _registry.Counters("x_total", "X.", "job").With("a").Inc();

        Assert.Equal(2, _registry.Counters("x_total", "X.", "job").With("a").Value);
        Assert.Throws<InvalidOperationException>(() => _registry.Counters("x_total", "X.", "pool"));
        Assert.Throws<InvalidOperationException>(() => _registry.Gauges("x_total", "X.", "job"));
        Assert.Throws<ArgumentException>(() => _registry.Counters("x_total", "X.", "job").With("a", "b"));
    }

    [Fact]
    public void Remove_KnownChild_TakesItOffThePage()
    {
        var family = _registry.Gauges("g", "G.", "pool");
        family.With("a").Set(1);
        family.With("b").Set(2);

        Assert.True(family.Remove("a"));
        Assert.False(family.Remove("a"));
        Assert.Equal("# HELP g G.\n# TYPE g gauge\ng{pool=\"b\"} 2\n", Written(MetricsFormat.Text));
    }

    [Fact]
    public void Callback_ManyChildren_AreReadAtWriting()
    {
        var value = 1.0;
        _registry.Callback(MetricType.Counter, "c_total", "C.", ["pool"], () => [new(value, "a"), new(value + 1, "b")]);
        value = 5;

        Assert.Contains("c_total{pool=\"a\"} 5\nc_total{pool=\"b\"} 6\n", Written(MetricsFormat.Text), StringComparison.Ordinal);
    }

    [Fact]
    public void Counter_ManyThreads_LosesNothing()
    {
        var counter = _registry.Counter("n_total", "N.");
        var gauge = _registry.Gauge("n", "N.");

        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Inc();
                counter.Add(0.5);
                gauge.Inc();
            }
        });

        Assert.Equal(120_000, counter.Value);
        Assert.Equal(80_000, gauge.Value);
    }

    [Fact]
    public void Summary_UniformValues_GivesQuantilesWithinATenthOfAPercent()
    {
        var summary = _registry.Summary("s_seconds", "S.");
        for (var i = 1; i <= 10_000; i++)
        {
            summary.Observe(i);
        }

        double[] expected = [100, 500, 5000, 9000, 9900];
        foreach (var (wanted, got) in expected.Zip(summary.Quantiles()))
        {
            Assert.InRange(got, wanted * 0.999, wanted * 1.001);
        }

        Assert.Contains("s_seconds_sum 50005000\ns_seconds_count 10000\n", Written(MetricsFormat.Text), StringComparison.Ordinal);
    }

    [Fact]
    public void Summary_AfterTenMinutes_ForgetsValuesButNotSumAndCount()
    {
        var summary = _registry.Summary("s_seconds", "S.", [0.5]);
        summary.Observe(1);
        _time.Advance(TimeSpan.FromMinutes(9));
        summary.Observe(100);
        summary.Observe(100);
        Assert.InRange(summary.Quantiles()[0], 99, 101);

        _time.Advance(TimeSpan.FromMinutes(5));
        summary.Observe(3);
        summary.Observe(3);
        summary.Observe(3);
        Assert.InRange(summary.Quantiles()[0], 2.99, 3.01);

        _time.Advance(TimeSpan.FromMinutes(60));
        Assert.True(double.IsNaN(summary.Quantiles()[0]));
        Assert.Contains("s_seconds{quantile=\"0.5\"} NaN\ns_seconds_sum 210\ns_seconds_count 6\n", Written(MetricsFormat.Text), StringComparison.Ordinal);
    }

    private string Written(MetricsFormat format)
    {
        var buffer = new ArrayBufferWriter<byte>();
        _registry.Write(buffer, format);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
