using System.Text.Json;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Storage;
using static ScrapeCluster.Tests.Cli.Storage.StoredDirectory;

namespace ScrapeCluster.Tests.Cli.Storage;

/// <summary>What a dry run tells, held against what a start then does.</summary>
public sealed class RepairTests(ClosedDirectory closed) : IClassFixture<ClosedDirectory>
{
    private readonly string _copy = closed.Stored.Copy();
    private string? _started;

    [Fact]
    public void DryRun_OfAWholeDirectory_TellsNothing()
    {
        Assert.Equal((0, "Nothing: the directory is as a start wants it.\n", ""), Run("repair", "--dry-run", _copy));
    }

    [Fact]
    public void Repair_WithoutDryRun_IsRefused()
    {
        var (exitCode, output, errors) = Run("repair", _copy);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("error: a directory is repaired by the node, at its start", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, WalRepairMode.Keep)]
    [InlineData(2, WalRepairMode.Keep)]
    [InlineData(3, WalRepairMode.Keep)]
    [InlineData(4, WalRepairMode.Cut)]
    [InlineData(5, WalRepairMode.Cut)]
    public void DryRun_TellsWhatAStartDoes(int seed, WalRepairMode mode)
    {
        Damage(new Random(seed));
        var (exitCode, data) = RunJson("repair", "--dry-run", _copy, "--wal-repair", mode.ToString());
        var actions = data.EnumerateArray().Select(action => (
            Does: action.GetProperty("does").GetString(),
            Path: action.GetProperty("path").GetString()!,
            Offset: action.GetProperty("offset") is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : -1)).ToList();
        Assert.Equal(1, exitCode);
        var before = Lengths();

        using (new StorageFixture(options => options with { RetentionTime = TimeSpan.Zero, Wal = new WalOptions(4 * WalFormat.PageSize) { Repair = mode } }, directory: Started()))
        {
            var after = Lengths(_started!, _copy);
            foreach (var (does, path, offset) in actions)
            {
                switch (does)
                {
                    case "remove":
                        // The number of a segment that went may be that of the new one.
                        Assert.DoesNotContain(after.Keys, name => (name == path && after[path] == before[path]) || name.StartsWith(path + "/", StringComparison.Ordinal));
                        break;
                    case "cut":
                        // A chunk file goes besides when all that is left in it is in blocks.
                        Assert.True(after.TryGetValue(path, out var length) ? length == offset : path.Contains("/chunks_head/", StringComparison.Ordinal), $"{path}: {length}");
                        break;
                    case "rewrite" when path.EndsWith("series_refs", StringComparison.Ordinal):
                        break;
                    case "rewrite":
                        Assert.Equal(before[path], after[path + ".damaged"]);
                        break;
                    case "skip":
                        Assert.Contains(after.Keys, name => name.StartsWith(path + "/", StringComparison.Ordinal));
                        break;
                    default:
                        Assert.Fail(does);
                        break;
                }
            }

            // Whatever else is different was told, but for what every start makes: a new segment, and the reserve of references.
            var told = actions.Select(action => action.Path).ToList();
            Assert.Empty(before
                .Where(file => !told.Exists(path => file.Key == path || file.Key.StartsWith(path + "/", StringComparison.Ordinal)))
                .Where(file => !file.Key.EndsWith("series_refs", StringComparison.Ordinal) && !file.Key.Contains("/lock", StringComparison.Ordinal))
                .Where(file => !after.TryGetValue(file.Key, out var now) || now != file.Value)
                .Select(file => file.Key));
        }
    }

    /// <summary>A second copy, which goes with the fixture that is started on it.</summary>
    private string Started()
    {
        _started = Directory.CreateTempSubdirectory("started-").FullName;
        foreach (var folder in Directory.EnumerateDirectories(_copy, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(_started, Path.GetRelativePath(_copy, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(_copy, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(_started, Path.GetRelativePath(_copy, file)));
        }

        return _started;
    }

    private Dictionary<string, long> Lengths() => Lengths(_copy, _copy);

    private static Dictionary<string, long> Lengths(string directory, string namedAs)
    {
        return Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.Combine(namedAs, Path.GetRelativePath(directory, path)), path => new FileInfo(path).Length);
    }

    private void Damage(Random random)
    {
        var wal = Path.Combine(_copy, "wal");
        var segments = WalFormat.Segments(wal);
        Flip(random, WalFormat.SegmentPath(wal, segments[random.Next(segments.Count - 1)]));
        Flip(random, Directory.GetFiles(Directory.GetDirectories(wal, "checkpoint.*").Single()).First(path => new FileInfo(path).Length > 0));
        File.WriteAllText(WalFormat.SegmentPath(wal, segments[^1] + 1), "torn");
        File.WriteAllText(Path.Combine(wal, "00000001.repair"), "left");
        Directory.CreateDirectory(Path.Combine(wal, "checkpoint.00000900.tmp"));
        File.WriteAllText(WalFormat.SegmentPath(wal, 0), "behind the checkpoint");
        Flip(random, Path.Combine(wal, "series_refs"));
        Flip(random, Directory.GetFiles(Path.Combine(_copy, "chunks_head")).Max()!);
        var blocks = Directory.GetDirectories(_copy).Where(folder => Path.GetFileName(folder).Length == 26).ToList();
        File.WriteAllText(Path.Combine(blocks[random.Next(blocks.Count)], "index"), "no index");
        var unfinished = Path.Combine(_copy, "01M80R41QY0VVMJ5P05AANGAYD.tmp-for-creation");
        Directory.CreateDirectory(unfinished);
        File.WriteAllText(Path.Combine(unfinished, "index"), "half");
    }

    private static void Flip(Random random, string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length > 0)
        {
            bytes[random.Next(bytes.Length)] ^= 4;
            File.WriteAllBytes(path, bytes);
        }
    }
}
