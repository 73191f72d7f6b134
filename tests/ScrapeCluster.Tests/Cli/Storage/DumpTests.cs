using System.Globalization;
using ScrapeCluster.Model;
using ScrapeCluster.Storage;
using static ScrapeCluster.Tests.Cli.Storage.StoredDirectory;

namespace ScrapeCluster.Tests.Cli.Storage;

public sealed class DumpTests(OpenDirectory open) : IClassFixture<OpenDirectory>
{
    private readonly StoredDirectory _stored = open.Stored;

    [Fact]
    public void Dump_HasEverySample_InOrder_OfBlocksAndHeadAlike()
    {
        var expected = LinesOf(_stored.Storage.Storage);

        var (exitCode, output, errors) = Run("dump", _stored.Copy());

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal(SeriesAtOnce * Minutes, expected.Count);
        Assert.Equal(expected, Lines(output));
    }

    [Fact]
    public void Dump_OfSomeTimeAndSeries_HasTheseAlone()
    {
        var expected = LinesOf(_stored.Storage.Storage)
            .Where(line => line.StartsWith("{__name__=\"metric_1\", instance=\"10.0.0.5:9100\"}", StringComparison.Ordinal) && TimeOf(line) is >= 7_000_000 and <= 14_000_000)
            .ToList();

        var (exitCode, output, _) = Run("dump", _stored.Copy(), "--min-time", "7000000", "--max-time=14000000", "--match", "metric_1{instance=~\"10.0.0.5:.*\"}");

        Assert.Equal(0, exitCode);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Lines(output));
    }

    [Fact]
    public void Dump_BesideTheNode_HasAllThatWasAcknowledged()
    {
        Assert.Equal(LinesOf(_stored.Storage.Storage), Lines(Run("dump", _stored.Path).Output));
    }

    [Fact]
    public void Dump_WithoutChunkFiles_HasTheSameFromTheLog()
    {
        var expected = LinesOf(_stored.Storage.Storage);
        var copy = _stored.Copy();
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(copy, "chunks_head")));
        Directory.Delete(Path.Combine(copy, "chunks_head"), recursive: true);

        Assert.Equal(expected, Lines(Run("dump", copy).Output));
    }

    [Fact]
    public void Dump_WithRawBits_TellsStalenessFromOtherNaNs()
    {
        using var stored = new StoredDirectory();
        stored.Storage.Append("gone", 1, BitConverter.UInt64BitsToDouble(SpecialValues.StaleNaNBits));
        stored.Storage.Append("odd", 2, BitConverter.UInt64BitsToDouble(0x7ff8000000000001));

        Assert.Equal(
            ["{__name__=\"gone\", job=\"test\"} NaN 1", "{__name__=\"odd\", job=\"test\"} NaN 2"], Lines(Run("dump", stored.Path).Output));
        Assert.Equal(
            ["{__name__=\"gone\", job=\"test\"} 7ff0000000000002 1", "{__name__=\"odd\", job=\"test\"} 7ff8000000000001 2"],
            Lines(Run("dump", stored.Path, "--raw-bits").Output));
    }

    [Fact]
    public void Dump_OfADamagedLog_WarnsAndHasTheRest()
    {
        var expected = LinesOf(_stored.Storage.Storage);
        var copy = _stored.Copy();
        var segment = Directory.GetFiles(Path.Combine(copy, "wal"), "0*").Where(path => File.ReadAllBytes(path).Count(b => b != 0) > 3000).Max()!;
        var bytes = File.ReadAllBytes(segment);
        bytes[2000] ^= 1;
        File.WriteAllBytes(segment, bytes);
        Directory.Delete(Path.Combine(copy, "chunks_head"), recursive: true);

        var (exitCode, output, errors) = Run("dump", copy);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"warning: write-ahead log {segment} at offset ", errors, StringComparison.Ordinal);
        Assert.InRange(Lines(output).Count, expected.Count - 400, expected.Count - 1);
        Assert.Subset(expected.ToHashSet(), Lines(output).ToHashSet());
    }

    [Fact]
    public void Dump_WithABadSelector_SaysWhere()
    {
        var (exitCode, _, errors) = Run("dump", _stored.Path, "--match", "up{");

        Assert.Equal(2, exitCode);
        Assert.Contains("error: --match up{: 1:4: parse error", errors, StringComparison.Ordinal);
    }

    private static List<string> LinesOf(LocalStorage storage)
    {
        return [.. storage.Query.Select([]).SelectMany(series => series.TimestampsMs.Zip(series.Values, (timeMs, value) =>
            $"{series.Labels} {value.ToString(CultureInfo.InvariantCulture)} {timeMs}"))];
    }

    private static IReadOnlyList<string> Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static long TimeOf(string line) => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
}
