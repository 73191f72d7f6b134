using System.Globalization;
using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Tests.Storage.Blocks;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>Blocks written here, read by the programs they are meant for; and blocks of those programs, read here.</summary>
public sealed class BlockOracleTests
{
    private const long StartMs = 1_795_000_000_000;
    private const long DayMs = 86_400_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Promtool_ListsAnalyzesAndDumps_WhatWasWritten(int seed)
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        var models = Write(folder, seed, maxSegmentBytes: 32 * 1024);

        var list = await Tools.RunAsync("promtool", "tsdb", "list", folder.Path);
        Assert.Equal((0, ""), (list.ExitCode, list.Errors));
        foreach (var (model, meta) in models)
        {
            var line = Assert.Single(list.Output.Split('\n'), line => line.StartsWith(meta.Id.ToString(), StringComparison.Ordinal));
            Assert.Equal(
                [meta.Id.ToString(), $"{model.MinMs}", $"{model.EndMs}", $"{meta.Stats.Samples}", $"{meta.Stats.Chunks}", $"{meta.Stats.Series}"],
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where((_, i) => i != 3).Take(6));
            var analysis = await Tools.RunAsync("promtool", "tsdb", "analyze", folder.Path, meta.Id.ToString());
            Assert.Equal((0, ""), (analysis.ExitCode, analysis.Errors));
            var pairs = model.Series.Where(series => series.Value.Count > 0).SelectMany(series => series.Key.ToPairs()).ToList();
            Assert.Contains(
                $"\nSeries: {meta.Stats.Series}\nLabel names: {pairs.DistinctBy(pair => pair.Key).Count()}\n"
                + $"Postings (unique label pairs): {pairs.Distinct().Count()}\nPostings entries (total label pairs): {pairs.Count}\n",
                analysis.Output, StringComparison.Ordinal);
        }

        Assert.Equal(models.Sum(written => written.Model.SampleCount), models.SelectMany(written => LinesOf(written.Model)).Distinct().Count());
        AssertSame(models.SelectMany(written => LinesOf(written.Model)), (await Tools.DumpAsync(folder.Path)).Select(LineOfDump));
    }

    [Fact]
    public async Task BlocksOfPromtool_AreReadAsTheyWereMade()
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        var model = SeriesModel.Random(7, 200, maxSamples: 300);
        var page = folder.File("page.txt", OpenMetricsOf(model));

        var made = await Tools.RunAsync("promtool", "tsdb", "create-blocks-from", "openmetrics", page, folder.Path);

        Assert.True(made.ExitCode == 0, made.Errors);
        AssertSame(LinesOf(model), ReadAll(folder.Path));
    }

    [Fact]
    public async Task StockPrometheus_OpensBlocksAndDeletesFromThem_AndBothReadTheRest()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        var models = Write(folder, seed: 3).Select(written => written.Model).ToList();
        var endMs = models.Max(model => model.EndMs);
        await using var stock = StockPrometheus.Start(folder.File("empty.yml", ""), folder.Path, "--web.enable-admin-api");
        await stock.ReadyAsync();

        Assert.Equal(models.Count, await stock.MetricAsync("prometheus_tsdb_blocks_loaded"));
        var counted = 0L;
        foreach (var name in models.SelectMany(model => model.Series.Keys).Select(labels => labels.Get(Labels.MetricName)).Distinct())
        {
            var query = Uri.EscapeDataString($"sum(count_over_time({name}[10d])) or vector(0)");
            var answer = await stock.DataAsync($"/api/v1/query?time={(endMs + 1000) / 1000}&query={query}");
            counted += long.Parse(answer.GetProperty("result")[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        }

        Assert.Equal(models.Sum(model => model.Series.Values.Sum(series => series.Count(sample => !SpecialValues.IsStaleNaN(sample.Value)))), counted);

        var (fromMs, toMs) = (models[0].MinMs + ((models[0].EndMs - models[0].MinMs) / 3), models[1].MinMs + ((models[1].EndMs - models[1].MinMs) / 2));
        using var deleted = await stock.PostAsync(
            $"/api/v1/admin/tsdb/delete_series?match[]={Uri.EscapeDataString("{instance=\"10.0.0.1:9100\"}")}&start={Seconds(fromMs)}&end={Seconds(toMs)}");
        Assert.True(deleted.IsSuccessStatusCode);
        Assert.DoesNotContain("level=warn", stock.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("level=error", stock.Output, StringComparison.Ordinal);
        Assert.Equal(0, await stock.StopAsync());

        var dump = (await Tools.DumpAsync(folder.Path)).Select(LineOfDump).ToList();
        Assert.InRange(dump.Count, 1, models.Sum(model => model.SampleCount) - 1);
        AssertSame(dump, ReadAll(folder.Path));
        AssertSame(dump, models.SelectMany(model => LinesOf(model, (labels, sample) =>
            labels.Get("instance") != "10.0.0.1:9100" || sample.TimeMs < fromMs || sample.TimeMs > toMs)));
    }

    private static List<(SeriesModel Model, BlockMeta Meta)> Write(TestFolder folder, int seed, long maxSegmentBytes = ChunkSegment.MaxBytes)
    {
        Directory.CreateDirectory(folder.Sub("wal"));
        var writer = new BlockWriter(DiskFiles.Instance, maxSegmentBytes);
        var written = new List<(SeriesModel, BlockMeta)>();
        for (var i = 0; i < 3; i++)
        {
            var model = SeriesModel.Random((seed * 100) + i, 40 << (2 * i), startMs: StartMs + (i * DayMs));
            var id = Ulid.New(model.EndMs, new Random(i));
            var meta = writer.Write(folder.Path, BlockHeader.OfHead(id, model.MinMs, model.EndMs), model, TestContext.Current.CancellationToken);
            written.Add((model, meta!));
        }

        return written;
    }

    private static IEnumerable<string> ReadAll(string path)
    {
        using var folder = BlockFolder.OpenReadOnly(path);
        Assert.Empty(folder.Bad);
        var lines = new List<string>();
        foreach (var reader in folder.Read(long.MinValue, long.MaxValue))
        {
            using (reader)
            {
                lines.AddRange(new BlockQuery(reader).Select([]).SelectMany(
                    series => series.TimestampsMs.Zip(series.Values, (timeMs, value) => Line(series.Labels, timeMs, value))));
            }
        }

        return lines;
    }

    private static IEnumerable<string> LinesOf(SeriesModel model, Func<Labels, (long TimeMs, double Value), bool>? isWanted = null)
    {
        return model.Series.SelectMany(series => series.Value
            .Where(sample => isWanted is null || isWanted(series.Key, sample))
            .Select(sample => Line(series.Key, sample.TimeMs, sample.Value)));
    }

    /// <summary>The dump's text of a value may differ from ours for the same number.</summary>
    private static string LineOfDump(string line)
    {
        var parts = line[(line.LastIndexOf('}') + 2)..].Split(' ');
        var value = parts[0] switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(parts[0], CultureInfo.InvariantCulture),
        };
        return $"{line[..(line.LastIndexOf('}') + 1)]} {Number(value)} {parts[1]}";
    }

    private static string Line(Labels labels, long timeMs, double value) => $"{labels} {Number(value)} {timeMs}";

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Seconds(long timeMs) => (timeMs / 1000m).ToString(CultureInfo.InvariantCulture);

    private static void AssertSame(IEnumerable<string> expected, IEnumerable<string> actual)
    {
        var (expectedSet, actualSet) = (expected.ToHashSet(), actual.ToHashSet());
        Assert.Empty(expectedSet.Except(actualSet).Take(5));
        Assert.Empty(actualSet.Except(expectedSet).Take(5));
    }

    private static string OpenMetricsOf(SeriesModel model)
    {
        var text = new StringBuilder();
        foreach (var (labels, samples) in model.Series)
        {
            var name = labels.Get(Labels.MetricName);
            var others = string.Join(',', labels.ToPairs().Where(pair => pair.Key != Labels.MetricName).Select(pair => $"{pair.Key}={Escaped(pair.Value)}"));
            foreach (var (timeMs, value) in samples)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{{{others}}} {OpenMetricsNumber(value)} {Seconds(timeMs)}\n");
            }
        }

        return text.Append("# EOF\n").ToString();
    }

    private static string Escaped(string value) => "\"" + value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n") + "\"";

    private static string OpenMetricsNumber(double value) => double.IsNegativeInfinity(value) ? "-Inf" : Number(value);
}
