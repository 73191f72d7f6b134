using System.Text.RegularExpressions;
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

    public static TheoryData<string> KnownDifferences => [.. KnownDifference.All.Select(row => row.Job.Name)];

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Job_SameSamplesAsStock(string job)
    {
        Tools.Require("prometheus");
        var (stock, node, _) = scrapers.Of(job);
        Assert.NotEmpty(stock);
        var missing = stock.Except(node).ToList();
        var extra = node.Except(stock).ToList();
        Assert.True(missing.Count + extra.Count == 0, Describe(missing, extra));
    }

    [Theory]
    [MemberData(nameof(KnownDifferences))]
    public void KnownDifference_IsExactlyTheNamedOne(string job)
    {
        Tools.Require("prometheus");
        var row = KnownDifference.All.Single(row => row.Job.Name == job);
        var (stock, node, isWhole) = scrapers.Of(job);
        var missing = stock.Except(node).ToList();
        var extra = node.Except(stock).ToList();
        Assert.True(Are(missing, row.OnlyStock) && Are(extra, row.OnlyNode), $"{row.Reason}:\n{Describe(missing, extra)}");

        // The rounds that show it may be among those that the machine's load spoiled.
        bool Are(List<string> lines, string? pattern)
        {
            return pattern is null ? lines.Count == 0 : (lines.Count > 0 || !isWhole) && lines.All(line => Regex.IsMatch(line, pattern));
        }
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
            await Wait.Until("the target to be known", TimeSpan.FromSeconds(60), async () =>
            {
                var targets = (await peer.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets");
                instance = targets.GetArrayLength() == 1 ? targets[0].GetProperty("labels").GetProperty("instance").GetString() : null;
                return instance is not null;
            });
            return instance;
        }
    }

    private static string Describe(List<string> missing, List<string> extra)
    {
        return $"{missing.Count} samples of stock Prometheus are missing:\n{string.Join('\n', missing.Take(12))}\n{extra.Count} are extra:\n{string.Join('\n', extra.Take(12))}";
    }
}
