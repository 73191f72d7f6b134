using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Differential;

/// <summary>
/// The same jobs through stock Prometheus and through the node: label sets, value bits (staleness by its bits) and the
/// distance of each timestamp to its request must be equal. Version 3 is the truth; where 2.42 differs from it, the
/// difference has a test of its own that asserts both sides.
/// </summary>
[Collection(AloneOnTheMachine.Name)]
public sealed class DifferentialTests(BothScrapers scrapers) : IClassFixture<BothScrapers>
{
    public static TheoryData<string> Jobs => [.. DifferentialJob.All.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Job_SameSamplesAsStock(string job)
    {
        Tools.Require("prometheus");
        var stock = scrapers.Stock(job);
        var node = scrapers.Node(job);
        Assert.NotEmpty(stock);
        var missing = stock.Except(node).ToList();
        var extra = node.Except(stock).ToList();
        Assert.True(missing.Count + extra.Count == 0,
            $"{missing.Count} samples of stock Prometheus are missing:\n{string.Join('\n', missing.Take(12))}\n{extra.Count} are extra:\n{string.Join('\n', extra.Take(12))}");
    }

    [Fact]
    public void KnownDifference_FormOfLeAndQuantile()
    {
        Tools.Require("prometheus");
        Assert.Contains(scrapers.Stock("histogram"), line => line.Contains("le=\"1\"", StringComparison.Ordinal));
        Assert.Contains(scrapers.Node("histogram"), line => line.Contains("le=\"1.0\"", StringComparison.Ordinal));
        Assert.Equal(Canonical(scrapers.Stock("histogram")), scrapers.Node("histogram"));

        static SortedSet<string> Canonical(IEnumerable<string> lines)
        {
            return new SortedSet<string>(lines.Select(line => line
                .Replace("le=\"1\"", "le=\"1.0\"", StringComparison.Ordinal)
                .Replace("le=\"10\"", "le=\"10.0\"", StringComparison.Ordinal)
                .Replace("quantile=\"1\"", "quantile=\"1.0\"", StringComparison.Ordinal)), StringComparer.Ordinal);
        }
    }

    [Fact]
    public void KnownDifference_MissingContentType()
    {
        Tools.Require("prometheus");
        Assert.Contains(scrapers.Stock("no-content-type"), line => IsUp(line, 1));
        Assert.DoesNotContain(scrapers.Stock("no-content-type"), line => IsUp(line, 0));
        Assert.Contains(scrapers.Node("no-content-type"), line => IsUp(line, 0));
        Assert.DoesNotContain(scrapers.Node("no-content-type"), line => IsUp(line, 1));
    }

    [Fact]
    public void KnownDifference_RepeatedSeriesOfOnePage()
    {
        Tools.Require("prometheus");
        Assert.Equal(2, scrapers.Stock("repeated").Count(line => line.StartsWith("scrape 1: {__name__=\"a\"", StringComparison.Ordinal)));
        Assert.Equal(1, scrapers.Node("repeated").Count(line => line.StartsWith("scrape 1: {__name__=\"a\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task KnownDifference_DefaultPortInInstance()
    {
        Tools.Require("prometheus");
        using var folder = new TestFolder();
        var config = folder.File("prometheus.yml", "scrape_configs:\n- job_name: portless\n  static_configs: [targets: ['127.0.0.1']]\n");
        await using var stock = StockPrometheus.Start(config, folder.Sub("stock"));
        await using var node = NodeProcess.Start(config, folder.Sub("node"));
        Assert.Equal("127.0.0.1:80", await InstanceAsync(stock));
        Assert.Equal("127.0.0.1", await InstanceAsync(node));

        static async Task<string?> InstanceAsync(HttpPeer peer)
        {
            string? instance = null;
            await peer.ReadyAsync();
            await Wait.Until("the target to be known", TimeSpan.FromSeconds(30), async () =>
            {
                var targets = (await peer.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets");
                instance = targets.GetArrayLength() == 1 ? targets[0].GetProperty("labels").GetProperty("instance").GetString() : null;
                return instance is not null;
            });
            return instance;
        }
    }

    private static bool IsUp(string line, double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value).ToString("x16", null);
        return line.Contains("__name__=\"up\"", StringComparison.Ordinal) && line.EndsWith(bits, StringComparison.Ordinal);
    }
}
