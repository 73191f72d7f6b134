using System.Text;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Blocks.Format;

/// <summary>Symbols as they are gathered for an index, and as they are found in one.</summary>
public sealed class SymbolTests : BlockTestBase
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 31)]
    [InlineData(4, 32)]
    [InlineData(5, 33)]
    [InlineData(6, 5_000)]
    public void Set_WrittenAndRead_GivesEveryTextAndNoOther(int seed, int count)
    {
        var random = new Random(seed);
        var texts = Enumerable.Range(0, count).Select(_ => RandomText(random)).ToHashSet(ByContent.Instance);
        var symbols = new SymbolSet();
        foreach (var text in texts.Concat(texts))
        {
            symbols.Add(text);
        }

        symbols.Seal();

        byte[][] sorted = [.. texts.Order(ByContent.Instance)];
        Assert.Equal(sorted.Length, symbols.Count);
        using (var writer = new IndexWriter(DiskFiles.Instance, FileIn("index"), symbols))
        {
            writer.Finish(TestContext.Current.CancellationToken);
        }

        using var index = IndexReader.Open(FileIn("index"));
        using var cursor = new IndexCursor(index);
        Assert.Equal((uint)sorted.Length, index.Symbols.Count);
        for (var i = 0u; i < sorted.Length; i++)
        {
            Assert.Equal(sorted[i], symbols[i].ToArray());
            Assert.Equal(sorted[i], cursor.Symbol(i));
            Assert.True(symbols.TryFind(sorted[i], out var number) && number == i);
            Assert.True(cursor.TryFindSymbol(sorted[i], out number) && number == i);
        }

        foreach (var other in Enumerable.Range(0, 200).Select(_ => RandomText(random)).Append([]).Append([0xff, 0xff, 0xff]).Where(text => !texts.Contains(text)))
        {
            Assert.False(symbols.TryFind(other, out _));
            Assert.False(cursor.TryFindSymbol(other, out _));
        }
    }

    [Fact]
    public void Set_OfLongTexts_KeepsThem()
    {
        var symbols = new SymbolSet();
        byte[][] texts = [.. new[] { 1, 1 << 20, (1 << 20) - 4, 3_000_000, 2 }.Select((length, i) => Encoding.ASCII.GetBytes(new string((char)('a' + i), length)))];
        foreach (var text in texts)
        {
            symbols.Add(text);
        }

        symbols.Seal();

        for (var i = 0u; i < texts.Length; i++)
        {
            Assert.True(symbols[i].SequenceEqual(texts[i]));
        }
    }

    private static byte[] RandomText(Random random)
    {
        // Few letters and shared beginnings, so that eight equal bytes in front and texts within texts occur.
        var text = new byte[random.Next(14)];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = random.Next(10) == 0 ? (byte)random.Next(256) : (byte)random.Next(2);
        }

        return text;
    }

    private sealed class ByContent : IEqualityComparer<byte[]>, IComparer<byte[]>
    {
        public static readonly ByContent Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes)
        {
            var hash = new HashCode();
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
