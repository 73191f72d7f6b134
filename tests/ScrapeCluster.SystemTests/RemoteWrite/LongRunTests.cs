using System.Globalization;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>Over three outages of the receivers and two kills of the node nothing of what was scraped is missing anywhere, and repeats are what is documented.</summary>
public sealed class LongRunTests(LongRun run) : IClassFixture<LongRun>
{
    private const double Exactness = 1e-12;

    [Fact]
    public void Stored_IsEveryPageThatWasScraped()
    {
        RequireTools();
        var acknowledged = run.Exporter.AcknowledgedOn("/pages");
        var stored = StoredScrapes.Of(run.Stored, "job=\"pages\"").AssertHasAll(acknowledged, LongRun.Fillers);
        Assert.True(stored > acknowledged.Count / 2, $"only {stored} of {acknowledged.Count} pages are stored; the other scrapes failed");
    }

    [Fact]
    public void OnTheWire_IsAllThatIsStored_WithTheBitsOfStaleness()
    {
        RequireTools();
        var samples = run.Recorder.On(LongRun.RecorderPath);
        Assert.Equal(
            Tools.Plain(run.Stored).Order(StringComparer.Ordinal),
            samples.Select(sample => $"{sample.Series} {sample.Value.ToString("R", CultureInfo.InvariantCulture)} {sample.TimestampMs}").Distinct().Order(StringComparer.Ordinal));
        var notNumbers = samples.Where(sample => double.IsNaN(sample.Value)).ToList();
        Assert.All(notNumbers.Where(sample => sample.Labels.GetValueOrDefault("kind") != LongRun.NotANumber), sample => Assert.Equal(WrittenSample.StaleBits, sample.Bits));
        Assert.Contains(notNumbers, sample => sample is { Name: "goes", IsStale: true });
        Assert.Contains(notNumbers, sample => sample is { Name: "stays", IsStale: true });
        Assert.Contains(notNumbers, sample => sample is { Name: "special", Bits: 0x7ff8000000000001 });
    }

    [Fact]
    public void AtPrometheus_IsAllThatIsStored_BitForBit()
    {
        RequireTools();
        var sent = run.Recorder.On(LongRun.RecorderPath).Select(sample => $"{sample.Series} {sample.Bits:x} @{sample.TimestampMs}").Distinct();
        Assert.Equal(run.Stored.Count, run.AtPrometheus.Count);
        Assert.Equal(sent.Order(StringComparer.Ordinal), run.AtPrometheus.Order(StringComparer.Ordinal));
    }

    /// <summary>It rounds to decimals of its own, and keeps what comes twice.</summary>
    [Fact]
    public async Task AtVictoriaMetrics_IsAllThatIsStored_ToItsExactness()
    {
        RequireTools();
        var there = await run.AtVictoriaAsync();
        var sent = run.Recorder.On(LongRun.RecorderPath).Where(sample => !LongRun.IsLostAtVictoria(sample.Series)).DistinctBy(sample => (sample.Series, sample.TimestampMs)).ToList();
        Assert.Equal(sent.Count, there.Count);
        Assert.All(sent, sample =>
        {
            Assert.True(there.TryGetValue((sample.Series, sample.TimestampMs), out var values), $"{sample} is missing");
            Assert.True(values.All(value => IsClose(sample.Value, value)), $"{sample} is {string.Join(" and ", values)}");
        });
    }

    /// <summary>After a kill the last request of each shard may come again, as it was; nothing else does, and nothing comes out of order.</summary>
    [Fact]
    public void Repeats_AreRequestsThatAKillCaught()
    {
        RequireTools();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var requests = new HashSet<string>(StringComparer.Ordinal);
        var last = new Dictionary<string, long>();
        var repeats = 0;
        foreach (var request in run.Recorder.RequestsOn(LongRun.RecorderPath).Where(request => request.IsTaken && request.Number >= 0))
        {
            var texts = request.Samples.Select(sample => sample.ToString()).ToList();
            var isNew = requests.Add(string.Join('\n', texts));
            if (!isNew)
            {
                repeats++;
                continue;
            }

            foreach (var sample in request.Samples)
            {
                Assert.True(taken.Add(sample.ToString()), $"{sample} came again in a request that is not the same");
                Assert.True(sample.TimestampMs > last.GetValueOrDefault(sample.Series), $"{sample} came behind {last.GetValueOrDefault(sample.Series)}");
                last[sample.Series] = sample.TimestampMs;
            }
        }

        Assert.InRange(repeats, 0, LongRun.Kills * LongRun.Shards);
    }

    private static bool IsClose(double sent, double there) =>
        sent.Equals(there) || (double.IsNaN(sent) && double.IsNaN(there)) || Math.Abs(sent - there) <= Exactness * Math.Abs(sent);

    private static void RequireTools() => Tools.Require("prometheus", "promtool", VictoriaMetrics.Program);
}
