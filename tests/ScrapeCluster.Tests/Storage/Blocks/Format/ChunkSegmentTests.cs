using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Blocks.Format;

public sealed class ChunkSegmentTests : BlockTestBase
{
    [Theory]
    [InlineData(1, 1 << 20, ChunkCursor.QueryWindowBytes)]
    [InlineData(2, 4096, ChunkCursor.QueryWindowBytes)]
    [InlineData(3, 4096, 16)]
    [InlineData(4, 4096, ChunkCursor.PassWindowBytes)]
    public void Chunks_OfRandomSizes_AreReadBackInAnyOrder(int seed, long maxFileBytes, int windowBytes)
    {
        var random = new Random(seed);
        var written = new List<(BlockChunkRef Ref, byte Encoding, byte[] Data)>();
        using (var writer = new ChunkSegmentWriter(DiskFiles.Instance, DataFolder, maxFileBytes))
        {
            for (var i = 0; i < 300; i++)
            {
                var data = new byte[random.Next(20) == 0 ? random.Next(100_000) : random.Next(400)];
                random.NextBytes(data);
                var encoding = (byte)random.Next(1, 7);
                written.Add((writer.Add(new BlockChunk(0, 0, encoding, data)), encoding, data));
            }

            writer.Close();
        }

        using var segments = ChunkSegmentReader.Open(DataFolder);
        var cursor = new ChunkCursor(segments, windowBytes);
        foreach (var (reference, expectedEncoding, expected) in written.Concat(written.OrderBy(_ => random.Next())))
        {
            Assert.Equal(expected, cursor.Read(reference, out var encoding).ToArray());
            Assert.Equal(expectedEncoding, encoding);
        }

        // A file is larger than its limit only when one chunk is.
        Assert.All(segments.Files, file => Assert.True(file.Length <= maxFileBytes || ChunksIn(file) == 1, $"{file.Path} has {file.Length} bytes"));
        Assert.Equal(segments.Files.Select((_, i) => ChunkSegment.NameOf(i)), segments.Files.Select(file => Path.GetFileName(file.Path)));

        int ChunksIn(BlockFile file) => written.Count(chunk => ChunkSegment.NameOf(chunk.Ref.File) == Path.GetFileName(file.Path));
    }

    [Fact]
    public void Read_OfABitThatFlipped_NamesFileAndOffset()
    {
        WriteOne();
        var bytes = File.ReadAllBytes(FileIn("000001"));
        for (var at = ChunkSegment.HeaderBytes; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 4;
            File.WriteAllBytes(FileIn("000001"), damaged);
            using var segments = ChunkSegmentReader.Open(DataFolder);
            var damage = Assert.Throws<BlockDamageException>(() => new ChunkCursor(segments).Read(new BlockChunkRef(8), out _).ToArray());
            Assert.Equal((FileIn("000001"), 8), (damage.Damage.Path, damage.Damage.Offset));
        }
    }

    [Theory]
    [InlineData(0, 100_000)]
    [InlineData(1, 8)]
    [InlineData(0, 30)]
    public void Read_OfAChunkThatIsNotThere_Throws(int file, long offset)
    {
        WriteOne();
        using var segments = ChunkSegmentReader.Open(DataFolder);

        Assert.Throws<BlockDamageException>(() => new ChunkCursor(segments).Read(BlockChunkRef.At(file, offset), out _).ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("85bd40dd")]
    [InlineData("85bd40de01000000")]
    [InlineData("85bd40dd02000000")]
    public void Open_OfAnotherFile_Throws(string header)
    {
        File.WriteAllBytes(FileIn("000001"), Convert.FromHexString(header));

        Assert.Throws<BlockDamageException>(() => ChunkSegmentReader.Open(DataFolder));
    }

    private void WriteOne()
    {
        using var writer = new ChunkSegmentWriter(DiskFiles.Instance, DataFolder);
        writer.Add(new BlockChunk(0, 0, 1, new byte[] { 0, 3, 1, 2, 3 }));
        writer.Close();
    }
}
