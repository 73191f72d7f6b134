using System.Text;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Blocks.Format;

public sealed class BlockMetaFileTests : BlockTestBase
{
    private const string Merged = """
        {
        	"ulid": "01M80R8TRVC5V9Z18ZBZK8Z311",
        	"minTime": -5,
        	"maxTime": 1795321770000,
        	"stats": {
        		"numSamples": 3615,
        		"numSeries": 16,
        		"numChunks": 27,
        		"numTombstones": 2
        	},
        	"compaction": {
        		"level": 2,
        		"sources": [
        			"01M80R41QY0VVMJ5P05AANGAYD",
        			"01M80R4868JVSS4VB2K90W8ZEX"
        		],
        		"deletable": true,
        		"parents": [
        			{
        				"ulid": "01M80R41QY0VVMJ5P05AANGAYD",
        				"minTime": -5,
        				"maxTime": 7
        			}
        		],
        		"failed": true,
        		"hints": [
        			"from-out-of-order"
        		]
        	},
        	"version": 1
        }
        """;

    [Fact]
    public void WriteNew_OfEveryField_IsTheFormOfPrometheus()
    {
        Assert.True(Ulid.TryParse("01M80R8TRVC5V9Z18ZBZK8Z311", out var id));
        Assert.True(Ulid.TryParse("01M80R41QY0VVMJ5P05AANGAYD", out var first));
        Assert.True(Ulid.TryParse("01M80R4868JVSS4VB2K90W8ZEX", out var second));
        var meta = new BlockMeta(id, -5, 1795321770000, new BlockStats(3615, 16, 27, 2),
            new BlockCompaction(2, [first, second], [new BlockParent(first, -5, 7)], IsDeletable: true, HasFailed: true, ["from-out-of-order"]));
        var path = FileIn("meta.json");

        BlockMetaFile.WriteNew(DiskFiles.Instance, path, meta);

        Assert.Equal(Merged.ReplaceLineEndings("\n"), File.ReadAllText(path));
        AssertSame(meta, BlockMetaFile.Read(path));
    }

    [Fact]
    public void Rewrite_KeepsWhatOthersAdded()
    {
        var path = FileIn("meta.json");
        const string Foreign = """
            {"ulid":"01M80R8TRVC5V9Z18ZBZK8Z311","minTime":1,"maxTime":2,"compaction":{"level":1,"odd":[1.50]},"version":1,"thanos":{"labels":{"a":"b"}}}
            """;
        File.WriteAllText(path, Foreign);
        var meta = BlockMetaFile.Read(path);

        BlockMetaFile.Rewrite(DiskFiles.Instance, path, meta with { Compaction = meta.Compaction with { HasFailed = true } });

        Assert.True(BlockMetaFile.Read(path).Compaction.HasFailed);
        var text = string.Concat(File.ReadAllText(path).Where(c => !char.IsWhiteSpace(c)));
        Assert.Contains("\"odd\":[1.50]", text, StringComparison.Ordinal);
        Assert.Contains("\"thanos\":{\"labels\":{\"a\":\"b\"}}", text, StringComparison.Ordinal);
        Assert.Equal(["meta.json"], Directory.GetFiles(DataFolder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"ulid":"01M80R8TRVC5V9Z18ZBZK8Z311","version":2}""")]
    [InlineData("""{"ulid":"01M80R8TRVC5V9Z18ZBZK8Z311"}""")]
    [InlineData("""{"ulid":"nonsense","version":1}""")]
    [InlineData("""{"ulid":"01M80R8TRVC5V9Z18ZBZK8Z311","minTime":"x","version":1}""")]
    [InlineData("""{"ulid":"01M80R8TRVC5V9Z18ZBZK8Z311","minTime":1e40,"version":1}""")]
    [InlineData("""{"ulid":"01M80R8TRVC5V9Z18ZBZK8Z311","stats":7,"version":1}""")]
    [InlineData("""{"ulid":"01M80R8TRVC5V9Z18ZBZK8Z311","ulid":"01M80R8TRVC5V9Z18ZBZK8Z311","version":1}""")]
    public void Read_WhatIsNone_NamesTheFile(string text)
    {
        var path = FileIn("meta.json");
        File.WriteAllText(path, text);

        var damage = Assert.Throws<BlockDamageException>(() => BlockMetaFile.Read(path));

        Assert.Equal(path, damage.Damage.Path);
    }

    [Fact]
    public void Read_DamagedByOneByte_NeverThrowsAnythingElse()
    {
        var path = FileIn("meta.json");
        var random = new Random(3);
        for (var i = 0; i < 300; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(Merged);
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, bytes);
            var failure = Record.Exception(() => BlockMetaFile.Read(path));
            Assert.True(failure is null or BlockDamageException, failure?.ToString());
        }
    }

    private static void AssertSame(BlockMeta expected, BlockMeta actual)
    {
        Assert.Equal(expected with { Compaction = actual.Compaction }, actual);
        Assert.Equal(expected.Compaction.Sources, actual.Compaction.Sources);
        Assert.Equal(expected.Compaction.Parents, actual.Compaction.Parents);
        Assert.Equal(expected.Compaction.Hints, actual.Compaction.Hints);
        Assert.Equal(expected.Compaction.Level, actual.Compaction.Level);
        Assert.Equal(expected.Compaction.IsDeletable, actual.Compaction.IsDeletable);
        Assert.Equal(expected.Compaction.HasFailed, actual.Compaction.HasFailed);
    }
}
