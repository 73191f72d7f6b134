using System.Globalization;
using System.IO.Compression;
using System.Text;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Blocks;

/// <summary>Blocks that Prometheus 2.42 wrote: read, compared with what promtool says is in them, and written again to the byte.</summary>
public sealed class StockBlockTests : BlockTestBase
{
    private const string Sample = "stock_crashed_with_blocks";

    [Fact]
    public void Samples_AreThoseOfPromtool()
    {
        using var folder = Open(out var source);
        var actual = new List<string>();
        foreach (var block in folder.Blocks)
        {
            using var reader = block.TryRead();
            foreach (var series in new BlockQuery(reader!).Select([]))
            {
                actual.AddRange(series.TimestampsMs.Zip(series.Values, (timeMs, value) => $"{series.Labels} {Number(value)} {timeMs}"));
            }
        }

        // The dump has the log and the head's chunks too; of the time up to the end of the last block it has what the blocks have.
        var endMs = folder.Blocks.Max(block => block.EndMs);
        var expected = Dump(source + ".dump.txt.gz").Where(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture) < endMs).ToHashSet();
        Assert.Equal(folder.Blocks.Sum(block => block.Meta.Stats.Samples), actual.Count);
        Assert.Empty(actual.Except(expected).Take(5));
        Assert.Empty(expected.Except(actual).Take(5));
    }

    [Fact]
    public void Meta_IsWrittenAgainToTheByte()
    {
        foreach (var block in Folders())
        {
            var path = Path.Combine(block, BlockMetaFile.FileName);
            var copy = FileIn(Path.GetFileName(block));
            BlockMetaFile.WriteNew(DiskFiles.Instance, copy, BlockMetaFile.Read(path));
            Assert.Equal(File.ReadAllText(path), File.ReadAllText(copy));
        }
    }

    [Fact]
    public void Index_IsWrittenAgainToTheByte()
    {
        foreach (var block in Folders())
        {
            var path = Path.Combine(block, IndexReader.FileName);
            var copy = FileIn(Path.GetFileName(block));
            WriteAgain(path, copy);
            Assert.Equal(Convert.ToHexString(File.ReadAllBytes(path)), Convert.ToHexString(File.ReadAllBytes(copy)));
        }
    }

    [Fact]
    public void Block_IsWrittenAgainWithTheSameChunks()
    {
        using var folder = Open(out _);
        foreach (var block in folder.Blocks)
        {
            var meta = Write(new BlockInput(block), BlockHeader.OfHead(block.Id, block.MinMs, block.EndMs));
            Assert.Equal(block.Meta.Stats, meta!.Stats);
            Assert.Equal(Directory.GetFiles(block.Folder, "*", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length), block.Bytes);
            foreach (var file in new[] { "chunks/000001", "tombstones", "meta.json" })
            {
                Assert.Equal(File.ReadAllBytes(Path.Combine(block.Folder, file)), File.ReadAllBytes(FileIn($"{block.Id}/{file}")));
            }
        }
    }

    private static void WriteAgain(string path, string copy)
    {
        using var index = IndexReader.Open(path);
        using var cursor = new IndexCursor(index);
        var symbols = new SymbolSet();
        for (var i = 0u; i < index.Symbols.Count; i++)
        {
            symbols.Add(cursor.Symbol(i));
        }

        symbols.Seal();
        using var writer = new IndexWriter(DiskFiles.Instance, copy, symbols);
        var entry = new SeriesEntry();
        foreach (var series in cursor.AllSeries())
        {
            cursor.ReadSeries(series, entry);
            writer.AddSeries([.. entry.Labels], [.. entry.Chunks]);
        }

        writer.Finish(TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Folders()
    {
        Assert.SkipUnless(Suites.TryFind(out var source, "ondisk_samples", Sample), Suites.MissingReason);
        return Directory.GetDirectories(source!).Where(path => Ulid.TryParse(Path.GetFileName(path), out _)).Order(StringComparer.Ordinal);
    }

    private static BlockFolder Open(out string source)
    {
        Assert.SkipUnless(Suites.TryFind(out var found, "ondisk_samples", Sample), Suites.MissingReason);
        source = found!;
        var folder = BlockFolder.OpenReadOnly(source);
        Assert.Empty(folder.Bad);
        Assert.Equal(7, folder.Blocks.Count);
        return folder;
    }

    private static IEnumerable<string> Dump(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            var end = line.LastIndexOf('}') + 1;
            var parts = line[(end + 1)..].Split(' ');
            yield return $"{line[..end]} {Number(Parse(parts[0]))} {parts[1]}";
        }
    }

    private static double Parse(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
