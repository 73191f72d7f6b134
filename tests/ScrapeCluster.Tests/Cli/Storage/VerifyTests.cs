using System.Text.Json;
using ScrapeCluster.Storage.Wal;
using static ScrapeCluster.Tests.Cli.Storage.StoredDirectory;

namespace ScrapeCluster.Tests.Cli.Storage;

public sealed class VerifyTests(ClosedDirectory closed) : IClassFixture<ClosedDirectory>
{
    private readonly string _copy = closed.Stored.Copy();

    [Fact]
    public void Verify_OfAWholeDirectory_FindsNothing()
    {
        var (exitCode, output, errors) = Run("verify", _copy);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Matches("^0 faults in [0-9]+ segments with [0-9]+ records, [12] chunk files? with [0-9]+ chunks, [0-9] blocks?; [0-9]+ bytes\n$", output);
    }

    /// <param name="farthest">How far in front of the flipped bit the place may be that is told: a record, a chunk, a section.</param>
    [Theory]
    [InlineData("segment", WalFormat.PageSize)]
    [InlineData("checkpoint", WalFormat.PageSize)]
    [InlineData("chunk file", 1100)]
    [InlineData("chunks", 1100)]
    [InlineData("index", 4096)]
    [InlineData("tombstones", 9)]
    [InlineData("series_refs", 32)]
    public void Verify_WithAnyBitFlipped_NamesFileAndPlace(string kind, int farthest)
    {
        var path = FileOf(kind);
        var whole = File.ReadAllBytes(path);
        var random = new Random(kind.Length);
        for (var i = 0; i < 12; i++)
        {
            // Zeros fill what is under no checksum, and no reader looks at the upper bits of a fragment's type.
            var at = RandomPlace(random, whole);
            var damaged = whole.ToArray();
            damaged[at] ^= (byte)(1 << random.Next(3));
            File.WriteAllBytes(path, damaged);

            var (exitCode, data) = RunJson("verify", _copy);

            Assert.Equal(1, exitCode);
            Assert.True(
                Faults(data).Any(fault => fault.File == path && fault.Offset <= at + 64 && fault.Offset >= at - farthest),
                $"byte {at} of {path}: {string.Join("; ", Faults(data))}");
        }
    }

    [Fact]
    public void Verify_WithDamageInEveryKindOfFile_TellsAll()
    {
        string[] paths = [.. ((string[])["segment", "checkpoint", "chunk file", "chunks", "index", "tombstones", "series_refs"]).Select(FileOf)];
        foreach (var path in paths)
        {
            Flip(path, RandomPlace(new Random(1), File.ReadAllBytes(path)));
        }

        var (exitCode, data) = RunJson("verify", _copy);

        Assert.Equal(1, exitCode);
        Assert.Equal(paths.Order(), Faults(data).Select(fault => fault.File).Distinct().Order());
    }

    [Fact]
    public void Verify_WithTwoDamagesInOneFile_TellsBoth()
    {
        foreach (var path in (string[])[FileOf("segment"), FileOf("chunk file"), FileOf("chunks")])
        {
            var length = LengthOf(path);
            Flip(path, length / 3);
            Flip(path, length * 2 / 3);
        }

        var faults = Faults(RunJson("verify", _copy).Data);

        Assert.Equal([2, 2, 2], faults.GroupBy(fault => fault.File).Select(group => group.Count()));
    }

    [Theory]
    [InlineData("segment", "a fragment")]
    [InlineData("chunk file", "a chunk is cut")]
    [InlineData("chunks", "reaches over the end")]
    [InlineData("index", "does not match its checksum")]
    [InlineData("tombstones", "not a file of tombstones")]
    [InlineData("meta.json", "not the description of a block")]
    public void Verify_OfATornFile_TellsIt(string kind, string reason)
    {
        var path = FileOf(kind);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..(LengthOf(path) - 3)]);

        var (exitCode, output, _) = Run("verify", _copy);

        Assert.Equal(1, exitCode);
        Assert.Contains(output.Split('\n'), line => line.StartsWith($"{path} at offset ", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"numSamples\": ", "it tells of ")]
    [InlineData("\"numSeries\": ", "it tells of ")]
    [InlineData("\"numChunks\": ", "it tells of ")]
    [InlineData("\"ulid\": \"0", "it is that of block ")]
    public void Verify_WhenMetaTellsOtherwise_TellsIt(string field, string reason)
    {
        var path = FileOf("meta.json");
        var text = File.ReadAllText(path);
        var at = text.IndexOf(field, StringComparison.Ordinal) + field.Length;
        var other = text[at] == '1' ? '2' : '1';
        File.WriteAllText(path, $"{text[..at]}{other}{text[(at + 1)..]}");

        Assert.Contains(Faults(RunJson("verify", _copy).Data), fault => fault.File == path && fault.Reason.StartsWith(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_WithoutASegmentInTheMiddle_TellsIt()
    {
        var wal = Path.Combine(_copy, "wal");
        var segments = WalFormat.Segments(wal);
        File.Copy(WalFormat.SegmentPath(wal, segments[0]), WalFormat.SegmentPath(wal, segments[^1] + 2));
        Assert.Contains($"segment {WalFormat.SegmentName(segments[^1] + 1)} is missing, ", Run("verify", _copy).Output, StringComparison.Ordinal);

        File.Delete(WalFormat.SegmentPath(wal, segments[0]));
        Assert.Contains($"segment {WalFormat.SegmentName(segments[0])} is missing behind the checkpoint", Run("verify", _copy).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_WithoutAnIndex_ReadsTheChunksNevertheless()
    {
        var chunks = FileOf("chunks");
        File.Delete(FileOf("index"));
        Flip(chunks, 100);

        Assert.Contains(Faults(RunJson("verify", _copy).Data), fault => fault.File == chunks && fault.Offset <= 100);
    }

    private string FileOf(string kind)
    {
        var block = Directory.GetDirectories(_copy).First(folder => Path.GetFileName(folder).Length == 26);
        var wal = Path.Combine(_copy, "wal");
        return kind switch
        {
            "segment" => Directory.GetFiles(wal, "0*").MaxBy(LengthOf)!,
            "checkpoint" => Directory.GetFiles(Directory.GetDirectories(wal, "checkpoint.*").Single()).First(path => new FileInfo(path).Length > 0),
            "chunk file" => Directory.GetFiles(Path.Combine(_copy, "chunks_head")).Max()!,
            "chunks" => Path.Combine(block, "chunks", "000001"),
            "series_refs" => Path.Combine(wal, "series_refs"),
            _ => Path.Combine(block, kind),
        };
    }

    /// <summary>Without the zeros at its end, which fill a page.</summary>
    private static int LengthOf(string path) => File.ReadAllBytes(path).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    private static int RandomPlace(Random random, byte[] bytes)
    {
        int at;
        do
        {
            at = random.Next(bytes.Length);
        }
        while (bytes[at] == 0);

        return at;
    }

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static List<(string File, long Offset, string Reason)> Faults(JsonElement data)
    {
        return [.. data.GetProperty("faults").EnumerateArray().Select(fault => (
            fault.GetProperty("file").GetString()!, fault.GetProperty("offset").GetInt64(), fault.GetProperty("reason").GetString()!))];
    }
}
