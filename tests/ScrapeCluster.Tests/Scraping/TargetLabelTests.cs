using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>honor_labels and the label limits (behaviour reference 1.5 and 5.4).</summary>
public class TargetLabelTests
{
    [Theory]
    [InlineData("n=2", "metric{n=\"1\"} 0", false, "metric{exported_n=\"1\",n=\"2\"} 0")]
    [InlineData("n=2;exported_n=2", "metric{n=\"1\"} 0", false, "metric{exported_exported_n=\"1\",exported_n=\"2\",n=\"2\"} 0")]
    [InlineData("n=2", "metric{n=\"\"} 0", false, "metric{n=\"2\"} 0")]
    [InlineData("n=2", "metric{n=\"\"} 0", true, "metric 0")]
    [InlineData("n=2", "metric{n=\"1\"} 0", true, "metric{n=\"1\"} 0")]
    [InlineData("n=2", "metric 0", true, "metric{n=\"2\"} 0")]
    [InlineData("foo=2", "metric{foo=\"1\"} 0", false, "metric{exported_foo=\"1\",foo=\"2\"} 0")]
    [InlineData("foo=2", "metric{foo=\"1\",exported_foo=\"3\"} 0", false, "metric{exported_exported_foo=\"1\",exported_foo=\"3\",foo=\"2\"} 0")]
    [InlineData("exported_foo=2", "metric{foo=\"1\",exported_foo=\"3\"} 0", false, "metric{exported_exported_foo=\"3\",exported_foo=\"2\",foo=\"1\"} 0")]
    [InlineData(
        "foo=0;exported_exported_foo=1;exported_exported_exported_foo=2",
        "metric{foo=\"3\",exported_foo=\"4\",exported_exported_exported_foo=\"5\"} 0",
        false,
        "metric{exported_exported_exported_exported_exported_foo=\"5\",exported_exported_exported_exported_foo=\"3\",exported_exported_exported_foo=\"2\","
            + "exported_exported_foo=\"1\",exported_foo=\"4\",foo=\"0\"} 0")]
    public void Scrape_ConflictingLabels_FollowHonorLabels(string target, string line, bool honor, string expected)
    {
        var script = new ScrapeScript(new ScrapeConfig { JobName = "test", HonorLabels = honor }, Parse(target));

        Assert.Equal([expected], script.Scrape(line + "\n"));
    }

    [Theory]
    [InlineData(5, 0, 0, "", "metric{l1=\"1\",l2=\"2\"} 0", null)]
    [InlineData(5, 0, 0, "", "metric{l1=\"1\",l2=\"2\",l3=\"3\",l4=\"4\",l5=\"5\",l6=\"6\"} 0", "label_limit exceeded (metric: metric, number of labels: 7, limit: 5)")]
    [InlineData(5, 0, 0, "l5=5;l6=6", "metric{l1=\"1\",l2=\"2\",l3=\"3\",l4=\"4\"} 0", "label_limit exceeded")]
    [InlineData(0, 10, 0, "", "metric{l1=\"1\"} 0", null)]
    [InlineData(0, 10, 0, "", "metric{label_name_too_long=\"0\"} 0", "label_name_length_limit exceeded")]
    [InlineData(0, 10, 0, "label_name_too_long=0", "metric 0", "label_name_length_limit exceeded")]
    [InlineData(0, 0, 10, "", "metric{l1=\"1\"} 0", null)]
    [InlineData(0, 0, 10, "", "metric{l1=\"label_value_too_long\"} 0", "label_value_length_limit exceeded")]
    [InlineData(0, 0, 10, "l1=label_value_too_long", "metric 0", "label_value_length_limit exceeded")]
    public void Scrape_LabelLimits_FailTheScrape(long labels, long nameLength, long valueLength, string target, string line, string? fault)
    {
        var config = new ScrapeConfig { JobName = "test", LabelLimit = labels, LabelNameLengthLimit = nameLength, LabelValueLengthLimit = valueLength };
        var script = new ScrapeScript(config, Parse(target));

        script.Scrape(line + "\n");

        Assert.Equal(fault is null ? 1 : 0, script.Report("up"));
        Assert.Equal(fault is not null, script.Outcome.Counts.LabelLimitExceeded);
        if (fault is not null)
        {
            Assert.Contains(fault, script.Outcome.Fault);
        }
    }

    private static Labels Parse(string labels)
    {
        return Labels.Of([.. labels.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))]);
    }
}
