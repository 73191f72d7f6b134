using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Tests.Storage.Blocks;
using static ScrapeCluster.Tests.Cli.Storage.StoredDirectory;

namespace ScrapeCluster.Tests.Cli.Storage;

public sealed class AnalyzeTests : IDisposable
{
    private readonly StoredDirectory _stored = new();

    public void Dispose() => _stored.Dispose();

    [Fact]
    public void Analyze_ABlock_CountsLabelsSeriesAndChurn()
    {
        var id = WriteBlock();

        var (exitCode, output, _) = Run("analyze", _stored.Path, id, "--limit=2");

        Assert.Equal(0, exitCode);
        var block = new DirectoryInfo(Path.Combine(_stored.Path, id));
        var chunks = block.GetDirectories()[0].GetFiles().Sum(file => file.Length);
        var index = block.GetFiles("index")[0].Length;
        Assert.Equal(
            $"""
            Block ID: {id}
            Duration: 1.001s
            Series: 4
            Label names: 3
            Postings (unique label pairs): 7
            Postings entries (total label pairs): 11
            Samples: 7 in 4 chunks
            Bytes per sample: {(chunks + index) / 7.0:0.000} (chunks {chunks / 7.0:0.000}, index {index / 7.0:0.000})

            Label pairs most involved in churning:
            1 __name__=wide
            1 job=one

            Label names most involved in churning:
            1 __name__
            1 job

            Most common label pairs:
            3 __name__=wide
            3 job=one

            Label names with highest cumulative label value length:
            11 pod
            10 __name__

            Highest cardinality labels:
            3 pod
            2 __name__

            Highest cardinality metric names:
            3 wide
            1 narrow

            """, output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Analyze_WithoutABlockNamed_TakesTheLast()
    {
        using var filled = Filled();

        var (exitCode, data) = RunJson("analyze", filled.Path);

        Assert.Equal(0, exitCode);
        Assert.Equal(filled.Storage.Storage.Blocks.Blocks[^1].Id.ToString(), data.GetProperty("block").GetString());
    }

    [Fact]
    public void Analyze_TheHead_TakesLogAndChunkFiles()
    {
        using var filled = Filled();
        var stats = filled.Storage.Storage.Query.Stats;
        var samples = filled.Storage.Select("{__name__=~\".+\"}", stats.MinTimeMs).Sum(series => series.TimestampsMs.Length);

        var (exitCode, data) = RunJson("analyze", filled.Path, "--head");

        Assert.Equal(0, exitCode);
        Assert.Equal(("head", stats.MinTimeMs, stats.MaxTimeMs + 1), (data.GetProperty("block").GetString(), data.GetProperty("minMs").GetInt64(), data.GetProperty("endMs").GetInt64()));
        Assert.Equal(samples, data.GetProperty("samples").GetInt64());
        Assert.Equal(stats.SeriesCount, data.GetProperty("series").GetInt64());
        Assert.Contains("metric_0", data.GetProperty("seriesByMetric").EnumerateArray().Select(metric => metric.GetProperty("name").GetString()));
        Assert.InRange(data.GetProperty("bytesPerSample").GetDouble(), 0.5, 16);
    }

    [Fact]
    public void Analyze_WithoutSuchABlock_IsNotFound()
    {
        Assert.Equal((3, $"error: {_stored.Path} has no block yet; --head analyses what is in the log\n"), Failed("analyze", _stored.Path));
        Assert.Equal(3, Failed("analyze", _stored.Path, "01M80R41QY0VVMJ5P05AANGAYD").ExitCode);
        Assert.Equal((3, $"error: {_stored.Path} has no samples outside of its blocks\n"), Failed("analyze", _stored.Path, "--head"));
    }

    [Theory]
    [InlineData("--limit=0")]
    [InlineData("--head", "01M80R41QY0VVMJ5P05AANGAYD")]
    public void Analyze_WithArgumentsThatCannotBe_IsWrongUsage(params string[] args)
    {
        Assert.Equal(2, Run(["analyze", _stored.Path, .. args]).ExitCode);
    }

    private (int ExitCode, string Errors) Failed(params string[] args)
    {
        _stored.Close();
        var (exitCode, _, errors) = Run(args);
        return (exitCode, errors);
    }

    private string WriteBlock()
    {
        var model = new SeriesModel();
        model.Add(Wide("long"), (0, 1), (1000, 2));
        model.Add(Wide("short"), (500, 1));
        model.Add(Wide("po"), (0, 1), (999, 2));
        model.Add(Labels.Of((Labels.MetricName, "narrow"), ("job", "two")), (0, 1), (1000, 2));
        var id = Ulid.New(1_795_000_000_000, new Random(1));
        new BlockWriter(DiskFiles.Instance).Write(_stored.Path, BlockHeader.OfHead(id, 0, 1001), model, TestContext.Current.CancellationToken);
        return id.ToString();
    }

    private static Labels Wide(string pod) => Labels.Of((Labels.MetricName, "wide"), ("job", "one"), ("pod", pod));
}
