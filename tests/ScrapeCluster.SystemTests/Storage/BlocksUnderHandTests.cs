using System.Globalization;
using System.Text;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>Blocks that are half there, damaged, put into the directory or taken away, at the start and under a running node: told, and the rest answers.</summary>
public sealed class BlocksUnderHandTests
{
    private const long StartMs = 1_795_003_200_000;
    private const long HourMs = 3_600_000;
    private const int Blocks = 7;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task BlocksAreDamagedAddedAndDeleted_TheRestAnswers()
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        var made = await WriteBlocksAsync(folder);
        var data = folder.Sub("data");
        Directory.CreateDirectory(data);

        // At the start: one without an index, one with an empty description, one whose chunks are torn, what a crash left, and two that are whole.
        File.Delete(Put(made, data, 0, "index"));
        File.WriteAllBytes(Put(made, data, 1, "meta.json"), []);
        using (var chunks = File.OpenWrite(Put(made, data, 2, "chunks/000001")))
        {
            chunks.SetLength(chunks.Length / 2);
        }

        Put(made, data, 3);
        Put(made, data, 4);
        Directory.CreateDirectory(Path.Combine(data, "01GM0000000000000000000000.tmp-for-creation", "chunks"));
        var settings = folder.File("node.conf", "scrapecluster.storage.truncate-interval = 1s");
        await using var node = NodeProcess.Start(
            folder.File("quiet.yml", "scrape_configs: []\n"), data, null, "--storage.tsdb.retention.time=100y", $"--node.config={settings}");
        await node.ReadyAsync(Deadline);

        Assert.False(Directory.Exists(Path.Combine(data, "01GM0000000000000000000000.tmp-for-creation")));
        await ToldAsync(node, Name(made, 0), "cannot be opened as a block");
        await ToldAsync(node, $"{Name(made, 1)}/meta.json at offset 0");
        Assert.Equal(2, await node.MetricAsync("scrapecluster_blocks_bad"));
        await AssertReadAsync(node, 3, 4);

        // The torn one is told when it is read, by file and offset, whoever reads.
        var torn = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => RemoteReader.SamplesAsync(node, "counter", TimeOf(2), TimeOf(3) - 1));
        var place = $"{Name(made, 2)}/chunks/000001 at offset ";
        await Wait.Until("the place to be told", Deadline, () => (torn.Message + node.Output).Contains(place, StringComparison.Ordinal), () => torn.Message + node.Output);
        await AssertReadAsync(node, 3, 4);

        // While it runs: one comes in two pieces, one goes, one comes and stays half.
        Put(made, data, 5);
        Directory.Delete(Path.Combine(data, Name(made, 3)), recursive: true);
        File.Delete(Put(made, data, 6, "chunks/000001"));
        await Wait.Until("the new block to be read", Deadline, async () => (await ReadAsync(node, 5)).Count > 0, () => node.Output);
        await ToldAsync(node, Name(made, 3), "is gone from the disk");
        await ToldAsync(node, Name(made, 6), "cannot be opened as a block");
        Assert.Equal(3, await node.MetricAsync("scrapecluster_blocks_bad"));
        await AssertReadAsync(node, 4, 5);
        Assert.Empty(await ReadAsync(node, 3));
        Assert.Equal(0, await node.MetricAsync("prometheus_tsdb_compactions_failed_total"));
        Assert.Equal(0, await node.StopAsync());
    }

    private static async Task AssertReadAsync(NodeProcess node, params int[] blocks)
    {
        foreach (var block in blocks)
        {
            Assert.Equal(Enumerable.Range(0, 120).Select(minute => $"{TimeOf(block) + (minute * 60_000)}"), (await ReadAsync(node, block)).Select(line => line[(line.IndexOf('@') + 1)..]));
        }
    }

    private static Task<IReadOnlyList<string>> ReadAsync(NodeProcess node, int block) => RemoteReader.SamplesAsync(node, "counter", TimeOf(block), TimeOf(block + 1) - 1);

    private static Task ToldAsync(NodeProcess node, params string[] parts)
    {
        return Wait.Until(
            $"a line with {string.Join(" and ", parts)}", Deadline,
            () => node.Output.Split('\n').Any(line => parts.All(part => line.Contains(part, StringComparison.Ordinal))), () => node.Output);
    }

    /// <summary>Copies a block into the directory; answers for the path of a file in it.</summary>
    private static string Put(IReadOnlyList<string> made, string data, int block, string file = "")
    {
        var target = Path.Combine(data, Name(made, block));
        foreach (var source in Directory.EnumerateFiles(made[block], "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target + source[made[block].Length..])!);
            File.Copy(source, target + source[made[block].Length..]);
        }

        return Path.Combine(target, file);
    }

    private static string Name(IReadOnlyList<string> made, int block) => Path.GetFileName(made[block]);

    private static long TimeOf(int block) => StartMs + (block * 2 * HourMs);

    /// <summary>Blocks of two hours by promtool, in order of time.</summary>
    private static async Task<IReadOnlyList<string>> WriteBlocksAsync(TestFolder folder)
    {
        var text = new StringBuilder();
        for (var time = StartMs; time < TimeOf(Blocks); time += 60_000)
        {
            text.Append(CultureInfo.InvariantCulture, $"counter {time / 7} {time / 1000}\n");
        }

        var made = folder.Sub("made");
        var (exitCode, _, errors) = await Tools.RunAsync("promtool", "tsdb", "create-blocks-from", "openmetrics", folder.File("page.om", text.Append("# EOF\n").ToString()), made);
        Assert.True(exitCode == 0, errors);
        var blocks = Directory.GetDirectories(made).OrderBy(path => MinTimeOf(path)).ToList();
        Assert.Equal(Blocks, blocks.Count);
        return blocks;
    }

    private static long MinTimeOf(string block)
    {
        using var meta = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(block, "meta.json")));
        return meta.RootElement.GetProperty("minTime").GetInt64();
    }
}
