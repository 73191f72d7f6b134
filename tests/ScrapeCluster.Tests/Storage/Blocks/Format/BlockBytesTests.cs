using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Tests.Storage.Blocks.Format;

/// <summary>Small files byte by byte, worked out from the format pages by other means than the code under test.</summary>
public sealed class BlockBytesTests : BlockTestBase
{
    private static readonly string[] _index =
    [
        // magic, version
        "baaad700", "02",
        // 0x05 symbols: length, count, five texts behind their lengths, checksum
        "0000000d", "00000005", "00" + "0161" + "0162" + "0178" + "0179", "284790da",
        "000000000000",
        // 0x20 first series: 1 label; 2 chunks: from 1000 (zig-zag) for 500 at 8, then 100 later for 100, 292 bytes on (zig-zag)
        "0d", "01" + "0103" + "02" + "d00ff40308" + "6464c804", "b3e3b0c2",
        "0000000000000000000000000000",
        // 0x40 second series: 2 labels, no chunk
        "06", "02" + "0103" + "0204" + "00", "d770090d",
        "00",
        // 0x4c values of a, 0x60 values of b: one name, one value, its symbol
        "0000000c", "00000001" + "00000001" + "00000003", "f41fff4d",
        "0000000c", "00000001" + "00000001" + "00000004", "20d59ba6",
        // 0x74 all series, 0x88 those of a="x", 0x9c those of b="y", by their offset over 16
        "0000000c", "00000002" + "00000002" + "00000004", "7149277b",
        "0000000c", "00000002" + "00000002" + "00000004", "7149277b",
        "00000008", "00000001" + "00000004", "73a34a39",
        // 0xac where the values of a and of b are
        "0000000c", "00000002" + "01" + "0161" + "4c" + "01" + "0162" + "60", "2f66796f",
        // 0xc0 where the three lists are
        "00000016", "00000003" + "02" + "00" + "00" + "74" + "02" + "0161" + "0178" + "8801" + "02" + "0162" + "0179" + "9c01", "0488363e",
        // symbols, series, values, table of values, lists, table of lists
        "0000000000000005" + "000000000000001a" + "000000000000004b" + "00000000000000ac" + "0000000000000074" + "00000000000000c0", "71132507",
    ];

    [Fact]
    public void Index_OfTwoSeries_IsWrittenToTheByteAndReadBack()
    {
        var path = FileIn("index");
        using (var writer = new IndexWriter(DiskFiles.Instance, path, Symbols("", "a", "b", "x", "y")))
        {
            writer.AddSeries(Labels.Of(("a", "x")), [new ChunkEntry(1000, 1500, new BlockChunkRef(8)), new ChunkEntry(1600, 1700, new BlockChunkRef(300))]);
            writer.AddSeries(Labels.Of(("a", "x"), ("b", "y")), []);
            writer.Finish(TestContext.Current.CancellationToken);
        }

        Assert.Equal(string.Concat(_index), Convert.ToHexStringLower(File.ReadAllBytes(path)));
        Assert.Equal(["index"], Directory.GetFiles(DataFolder).Select(Path.GetFileName));

        using var index = IndexReader.Open(path);
        using var cursor = new IndexCursor(index);
        var entry = new SeriesEntry();
        Assert.Equal([2u, 4u], cursor.AllSeries());
        cursor.ReadSeries(2, entry);
        Assert.Equal([(1u, 3u)], entry.Labels);
        Assert.Equal([new ChunkEntry(1000, 1500, new BlockChunkRef(8)), new ChunkEntry(1600, 1700, new BlockChunkRef(300))], entry.Chunks);
        cursor.ReadSeries(4, entry);
        Assert.Equal([(1u, 3u), (2u, 4u)], entry.Labels);
        Assert.Empty(entry.Chunks);
        Assert.Equal(["a", "b"], index.Postings.Names.Select(name => Encoding.UTF8.GetString(name.Name)));
    }

    [Fact]
    public void Chunks_ThatGoBackInTimeAndPlace_AreReadAsWritten()
    {
        ChunkEntry[] chunks =
        [
            new(-7000, -6000, BlockChunkRef.At(3, 900)), new(-6500, 5, BlockChunkRef.At(0, 8)),
            new(long.MinValue / 4, long.MaxValue / 4, BlockChunkRef.At(7, 4_000_000_000)), new(1, 1, BlockChunkRef.At(7, 4_000_000_001)),
        ];
        var buffer = new ScrapeCluster.Storage.Wal.Records.RecordBuffer();
        SeriesEntry.Encode(buffer, [(1, 2)], chunks);
        var entry = new SeriesEntry();

        Assert.True(entry.TryDecode(buffer.Written));
        Assert.Equal(chunks, entry.Chunks);
        Assert.Equal((7, 4_000_000_000u), (chunks[2].Ref.File, chunks[2].Ref.Offset));
    }

    [Fact]
    public void ChunkSegment_IsWrittenToTheByteAndReadBack()
    {
        using (var writer = new ChunkSegmentWriter(DiskFiles.Instance, DataFolder))
        {
            Assert.Equal(new BlockChunkRef(8), writer.Add(new BlockChunk(0, 0, 1, new byte[] { 0, 1, 0xaa })));
            Assert.Equal(new BlockChunkRef(17), writer.Add(new BlockChunk(0, 0, 2, Enumerable.Repeat((byte)7, 300).ToArray())));
            writer.Close();
        }

        var sevens = string.Concat(Enumerable.Repeat("07", 300));
        var expected = "85bd40dd01000000" + "03" + "01" + "0001aa" + "4f29e496" + "ac02" + "02" + sevens + "af7f66c3";
        Assert.Equal(expected, Convert.ToHexStringLower(File.ReadAllBytes(FileIn("000001"))));
        using var segments = ChunkSegmentReader.Open(DataFolder);
        var cursor = new ChunkCursor(segments);
        Assert.Equal(300, cursor.Read(new BlockChunkRef(17), out var encoding).Length);
        Assert.Equal(2, encoding);
        Assert.Equal([0, 1, 0xaa], cursor.Read(new BlockChunkRef(8), out encoding).ToArray());
        Assert.Equal(1, encoding);
    }

    [Fact]
    public void Tombstones_AreWrittenToTheByteAndReadBack()
    {
        var path = FileIn("tombstones");
        var tombstones = new TombstonesFile();
        tombstones.Add(300, new DeletedRange(1000, 2000));
        tombstones.Add(40, new DeletedRange(-5, 1000));
        tombstones.Write(DiskFiles.Instance, path);

        Assert.Equal("0130ba30" + "01" + "2809d00f" + "ac02d00fa01f" + "a39932d9", Convert.ToHexStringLower(File.ReadAllBytes(path)));
        var read = TombstonesFile.Read(path);
        Assert.Equal(2, read.Count);
        Assert.Equal([new DeletedRange(-5, 1000)], read.Of(40));
        Assert.Equal([new DeletedRange(1000, 2000)], read.Of(300));
        Assert.Empty(read.Of(41));
    }

    [Fact]
    public void Tombstones_OfNone_AreTheFileOfEveryBlock()
    {
        new TombstonesFile().Write(DiskFiles.Instance, FileIn("tombstones"));

        Assert.Equal("0130ba300100000000", Convert.ToHexStringLower(File.ReadAllBytes(FileIn("tombstones"))));
        Assert.True(TombstonesFile.Read(FileIn("tombstones")).IsEmpty);
        Assert.True(TombstonesFile.Read(FileIn("no such file")).IsEmpty);
    }

    [Theory]
    [InlineData("b", "b")]
    [InlineData("b", "a")]
    [InlineData("ab", "a")]
    public void Index_OfSeriesOutOfOrder_IsRefused(string first, string second)
    {
        using var writer = new IndexWriter(DiskFiles.Instance, FileIn("index"), Symbols("name", "a", "ab", "b"));
        writer.AddSeries(Labels.Of(("name", first)), []);

        Assert.Throws<InvalidOperationException>(() => writer.AddSeries(Labels.Of(("name", second)), []));
    }

    [Fact]
    public void Index_OfALabelThatIsNoSymbol_IsRefused()
    {
        using var writer = new IndexWriter(DiskFiles.Instance, FileIn("index"), Symbols("name", "a"));

        Assert.Throws<InvalidOperationException>(() => writer.AddSeries(Labels.Of(("name", "b")), []));
    }

    private static SymbolSet Symbols(params string[] texts)
    {
        var symbols = new SymbolSet();
        foreach (var text in texts)
        {
            symbols.Add(Encoding.UTF8.GetBytes(text));
        }

        symbols.Seal();
        return symbols;
    }
}
