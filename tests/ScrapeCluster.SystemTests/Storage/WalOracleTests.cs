using System.Globalization;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>A log written here, read by the programs it is meant for.</summary>
public sealed class WalOracleTests
{
    private const int Series = 300;
    private const int Scrapes = 400;
    private const long Start = 1_795_000_000_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Promtool_DumpsEverySample(bool compress)
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        var expected = Write(folder, new WalOptions(SegmentSize: 4 * WalFormat.PageSize, Compress: compress));

        Assert.Superset(expected, await Tools.DumpAsync(folder.Path));
    }

    [Fact]
    public async Task Promtool_AfterACheckpoint_DumpsWhatIsYoungEnough()
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        var expected = Write(folder, new WalOptions(SegmentSize: 4 * WalFormat.PageSize));
        var wal = folder.Sub("wal");
        var middle = Start + (Scrapes / 2 * 1000);
        var last = Checkpoint.Plan(wal, WalFormat.Segments(wal)[^1]);
        Assert.NotNull(last);

        Checkpoint.Write(wal, last.Value, _ => true, middle);

        expected.RemoveWhere(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture) < middle);
        Assert.Superset(expected, await Tools.DumpAsync(folder.Path));
        await CheckStructureAsync(wal);
    }

    [Fact]
    public async Task Promtool_AfterTheRepairOfDamageInTheMiddle_OpensTheDirectory()
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        var expected = Write(folder, new WalOptions(SegmentSize: 4 * WalFormat.PageSize));
        var wal = folder.Sub("wal");
        var path = WalFormat.SegmentPath(wal, 1);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        Assert.All(WalRepair.Repair(ReadAll(wal)), outcome => Assert.Null(outcome.Failure));

        Assert.Empty(ReadAll(wal));
        var dumped = await Tools.DumpAsync(folder.Path);
        Assert.InRange(expected.Count(dumped.Contains), expected.Count - (2 * Series), expected.Count - 1);
        await CheckStructureAsync(wal);
    }

    [Fact]
    public async Task Waldump_FindsNothingWrong()
    {
        using var folder = new TestFolder();
        Write(folder, new WalOptions(SegmentSize: 4 * WalFormat.PageSize));
        await CheckStructureAsync(folder.Sub("wal"));
    }

    /// <summary>The lines that a dump must have.</summary>
    private static HashSet<string> Write(TestFolder folder, WalOptions options)
    {
        var expected = new HashSet<string>(StringComparer.Ordinal);
        var refs = new ulong[Series];
        var values = new double[Series];
        var random = new Random(1);
        using var writer = WalWriter.Open(folder.Sub("wal"), options);
        var batch = new WalBatch();
        for (var i = 0; i < Series; i++)
        {
            refs[i] = (ulong)i + 1;
            batch.AddSeries(refs[i], Labels.Of(("__name__", "m"), ("n", $"{i}")));
        }

        for (var scrape = 0; scrape < Scrapes; scrape++)
        {
            for (var i = 0; i < Series; i++)
            {
                values[i] = random.Next(100_000);
                expected.Add($$"""{__name__="m", n="{{i}}"} {{values[i]}} {{Start + (scrape * 1000)}}""");
            }

            batch.AddSamples(refs, values, Start + (scrape * 1000));
            Assert.Null(writer.Append(batch));
            batch.Clear();
        }

        return expected;
    }

    private static IReadOnlyList<WalDamage> ReadAll(string wal)
    {
        using var reader = new WalReader(wal);
        while (reader.TryRead(out _))
        {
        }

        return reader.Damages;
    }

    private static async Task CheckStructureAsync(string wal)
    {
        Assert.SkipUnless(Suites.TryFind(out var dumper, "waldump.py"), Suites.MissingReason);
        Tools.Require("python3");
        var (exitCode, output, errors) = await Tools.RunAsync("python3", dumper!, "--check", wal);
        Assert.True(exitCode == 0, output + errors);
    }
}
