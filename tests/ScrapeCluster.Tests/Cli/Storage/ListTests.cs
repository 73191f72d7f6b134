using System.Text.Json;
using static ScrapeCluster.Tests.Cli.Storage.StoredDirectory;

namespace ScrapeCluster.Tests.Cli.Storage;

public sealed class ListTests(OpenDirectory open) : IClassFixture<OpenDirectory>
{
    private readonly StoredDirectory _stored = open.Stored;

    [Fact]
    public void List_AsJson_HasWhatTheNodeHas()
    {
        var storage = _stored.Storage.Storage;

        var (exitCode, data) = RunJson("list", _stored.Path);

        Assert.Equal(0, exitCode);
        Assert.NotEmpty(storage.Blocks.Blocks);
        Assert.Equal(
            storage.Blocks.Blocks.Select(block => (block.Id.ToString(), block.MinMs, block.EndMs, block.Meta.Stats.Samples, block.Bytes, block.Meta.Compaction.Sources.Count)),
            data.GetProperty("blocks").EnumerateArray().Select(block => (
                block.GetProperty("id").GetString()!, Number(block, "minMs"), Number(block, "endMs"), Number(block, "samples"), Number(block, "bytes"), (int)Number(block, "sources"))));
        var log = data.GetProperty("log");
        var segments = Directory.GetFiles(Path.Combine(_stored.Path, "wal")).Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0])).Order().ToList();
        Assert.Equal((segments.Count, int.Parse(segments[0]!), int.Parse(segments[^1]!)), ((int)Number(log, "segments"), (int)Number(log, "firstSegment"), (int)Number(log, "lastSegment")));
        Assert.Equal(int.Parse(segments[0]!) - 1, (int)Number(log, "checkpoint"));
        Assert.Equal(storage.Head.Files!.Bytes, Number(data.GetProperty("chunkFiles"), "bytes"));
        Assert.Equal((storage.Head.MinTimeMs, storage.Head.MaxTimeMs), (Number(data.GetProperty("head"), "minMs"), Number(data.GetProperty("head"), "maxMs")));
    }

    [Fact]
    public void List_IsATableAndTheRest()
    {
        var block = _stored.Storage.Storage.Blocks.Blocks[0];

        var (exitCode, output, _) = Run("list", _stored.Path);

        Assert.Equal(0, exitCode);
        var lines = output.Split('\n');
        Assert.Equal("BLOCK MIN-TIME MAX-TIME DURATION SAMPLES CHUNKS SERIES SIZE LEVEL SOURCES".Split(' '), lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"{block.Id}  {block.MinMs}", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("checkpoint   up to segment 0", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("head         ", StringComparison.Ordinal) && line.EndsWith($" to {_stored.Storage.Storage.Head.MaxTimeMs}", StringComparison.Ordinal));
    }

    [Fact]
    public void List_HumanReadable_HasDatesAndUnits()
    {
        var output = Run("list", "--human-readable", _stored.Path).Output;

        Assert.Contains($"1970-01-01T{TimeSpan.FromMilliseconds(_stored.Storage.Storage.Blocks.Blocks[0].MinMs):hh\\:mm\\:ss}.000Z", output, StringComparison.Ordinal);
        Assert.Matches("[0-9.]+KiB", output);
    }

    [Fact]
    public void List_WithABrokenBlock_TellsItAndHasExitCodeOne()
    {
        var copy = _stored.Copy();
        var block = Directory.GetDirectories(copy).First(folder => Path.GetFileName(folder).Length == 26);
        File.Delete(Path.Combine(block, "index"));

        var (exitCode, output, _) = Run("list", copy);

        Assert.Equal(1, exitCode);
        Assert.Contains($"{Path.GetFileName(block)}  cannot be opened: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void List_BesideItsNode_NamesTheProcess()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "who holds a lock is asked of /proc/locks");

        Assert.Equal($"note: {_stored.Path} is open in process {Environment.ProcessId}; what it writes just now may be missing\n", Run("list", _stored.Path).Errors);
        Assert.Equal("", Run("list", _stored.Copy()).Errors);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("dump")]
    [InlineData("verify")]
    [InlineData("analyze")]
    [InlineData("repair", "--dry-run")]
    public void AnyVerb_WithoutADataDirectory_CannotLook(params string[] verb)
    {
        var empty = Directory.CreateTempSubdirectory("empty-").FullName;
        try
        {
            Assert.Equal((2, $"error: {empty} is no data directory: neither wal/ nor chunks_head/ nor a block is in it\n"), ExitAndErrors([.. verb, empty]));
            Assert.Equal((2, $"error: there is no directory {empty}/none\n"), ExitAndErrors([.. verb, $"{empty}/none"]));
        }
        finally
        {
            Directory.Delete(empty, recursive: true);
        }
    }

    [Fact]
    public void AnyVerb_LeavesTheDirectoryAsItIs()
    {
        var copy = _stored.Copy();
        Directory.CreateDirectory(Path.Combine(copy, "wal", "checkpoint.00000099.tmp"));
        Directory.CreateDirectory(Path.Combine(copy, "01M80R41QY0VVMJ5P05AANGAYD.tmp-for-creation"));
        File.WriteAllText(Path.Combine(copy, "wal", "series_refs.tmp"), "");
        File.AppendAllText(Path.Combine(copy, "chunks_head", "000001"), "torn");
        var before = StateOf(copy);

        foreach (var verb in (string[][])[["list"], ["dump"], ["verify"], ["analyze"], ["analyze", "--head"], ["repair", "--dry-run"], ["repair"]])
        {
            Run([.. verb, copy]);
            Assert.Equal(before, StateOf(copy));
        }
    }

    private static (int ExitCode, string Errors) ExitAndErrors(string[] args)
    {
        var (exitCode, _, errors) = Run(args);
        return (exitCode, errors);
    }

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
