using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Tests.Storage.Chunks;

public sealed class ChunkFilesTests : IDisposable
{
    private readonly StorageFixture _storage = new();

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void Flush_ClosedChunks_AreReadFromFilesAndSurviveAReopen()
    {
        Fill(0, 1000);
        Flush();
        Assert.Equal(0, _storage.Storage.Head.WaitingForFlush);
        _storage.Storage.Head.Reclaim();
        Assert.InRange(_storage.Storage.Head.Blocks.Used, 5, 5 * 8);
        Check(1000);

        _storage.Reopen();
        Check(1000);
        Assert.Equal(0, _storage.Storage.Head.WaitingForFlush);
        Fill(1000, 2000);
        Flush();
        _storage.Reopen();
        Check(2000);
        Assert.Equal(["000001", "000002"], FileNames());
    }

    /// <summary>Noisy fractions at uneven times take ten bytes each: a chunk of them is longer than 1,024 bytes, and holds as many as any other.</summary>
    [Fact]
    public void Flush_ChunksOfNoise_AreCutByTheirSamplesAndSurviveAReopen()
    {
        var random = new Random(1);
        var noise = Enumerable.Range(0, 1000).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-9, 10))).ToArray();
        for (var i = 0; i < noise.Length; i++)
        {
            _storage.Append(batch =>
            {
                batch.TimestampMs = (i * 1000) + (i * i % 37);
                batch.AddNew(StorageFixture.Series("noise"), noise[i]);
                batch.AddNew(StorageFixture.Series("still"), 1);
            });
        }

        Flush();
        var bytes = File.ReadAllBytes(Path.Combine(_storage.Directory, "chunks_head", "000001")).AsSpan(ChunkFileFormat.HeaderBytes);
        var samples = new List<(ulong Ref, int Count)>();
        var longest = 0;
        while (ChunkFileFormat.TryReadEntry(bytes, out var entry))
        {
            samples.Add((entry.SeriesRef, entry.SampleCount));
            longest = Math.Max(longest, entry.Data.Length);
            bytes = bytes[entry.Length..];
        }

        var bySeries = samples.GroupBy(chunk => chunk.Ref, chunk => chunk.Count).Select(chunks => chunks.ToArray()).ToArray();
        Assert.Equal(2, bySeries.Length);
        Assert.Equal(bySeries[0], bySeries[1]);
        Assert.InRange(longest, 1025, ChunkCut.MaxBytes);

        _storage.Reopen();
        Assert.Equal(noise, Assert.Single(_storage.Select("noise")).Values);
    }

    /// <summary>What a reader's buffer must hold: the most samples, of which none has the spacing of the one before or fits into the window of its bits.</summary>
    [Fact]
    public void MaxBytes_WorstChunk_Suffices()
    {
        var writer = new XorChunkWriter();
        var random = new Random(2);
        var time = long.MinValue / 4;
        var bits = 0UL;
        for (var i = 0; i < ChunkCut.MaxSamples; i++)
        {
            writer.Add(time, BitConverter.UInt64BitsToDouble(bits));
            time += i % 2 == 0 ? 1L << 40 : 1;
            var differs = (ulong)random.NextInt64() & ~1UL;
            bits ^= i % 2 == 0 ? differs | (1UL << 63) | 2 : (differs | 1 | (1UL << 62)) & ~(1UL << 63);
        }

        Assert.InRange(writer.LengthBytes, ChunkCut.MaxBytes * 9 / 10, ChunkCut.MaxBytes);
    }

    [Fact]
    public void Open_TornEnd_IsCutOffAndTakenFromTheLog()
    {
        Fill(0, 1000);
        Flush();
        _storage.Storage.Dispose();
        var path = Path.Combine(_storage.Directory, "chunks_head", "000001");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^7]);
        _storage.Reopen();
        Check(1000);
        _storage.Reopen();
        Check(1000);
        Assert.Equal(0, _storage.Storage.ChunkCorruptions);
    }

    [Fact]
    public void Open_DamagedFile_IsDroppedWithThoseBehindIt()
    {
        Fill(0, 1000);
        Flush();
        _storage.Reopen();
        Fill(1000, 2000);
        Flush();
        _storage.Storage.Dispose();
        var path = Path.Combine(_storage.Directory, "chunks_head", "000001");
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        _storage.Reopen();
        Assert.Equal(1, _storage.Storage.ChunkCorruptions);
        Check(2000);
        _storage.Reopen();
        Assert.Equal(0, _storage.Storage.ChunkCorruptions);
        Check(2000);
    }

    [Fact]
    public void Truncate_OldFiles_AreDeleted()
    {
        Fill(0, 1000);
        Flush();
        Truncate(500_000);
        Assert.Equal(["000001"], FileNames());
        Fill(1000, 2000);
        Flush();
        Truncate(1_500_000);
        Assert.Equal(["000002"], FileNames());
        var found = Assert.Single(_storage.Select("s1"));
        Assert.Equal(1_999_000, found.TimestampsMs[^1]);
    }

    [Fact]
    public void Read_FileRemovedMeanwhile_GoesOnUntilTheReaderIsGone()
    {
        Fill(0, 1000);
        Flush();
        Fill(1000, 2000);
        var files = _storage.Storage.Head.Files!;
        files.StartNextFile();
        Flush();
        var chunk = ChunkRef.InFile(1, ChunkFileFormat.HeaderBytes);
        var buffer = new byte[4096];
        using (_storage.Storage.Head.Epochs.Enter())
        {
            Truncate(1_500_000);
            Assert.Equal(["000002"], FileNames());
            Assert.Equal(1, files.Count);
            Assert.Equal(new FileInfo(Path.Combine(_storage.Directory, "chunks_head", "000002")).Length, files.Bytes);
            var samples = new XorReader(files.Read(chunk, buffer, out var count), count);
            Assert.True(samples.MoveNext());
            Assert.Equal((0, 0), (samples.TimestampMs, samples.Value));
        }

        _storage.Storage.Head.Reclaim();
        var gone = Assert.Throws<IOException>(() => files.Read(chunk, buffer, out _).Length);
        Assert.EndsWith("000001 is gone", gone.Message);
    }

    [Fact]
    public void Truncate_FileThatCannotBeDeleted_GoesWithTheNextCut()
    {
        Fill(0, 1000);
        Flush();
        Fill(1000, 2000);
        var files = _storage.Storage.Head.Files!;
        files.StartNextFile();
        Flush();
        var path = Path.Combine(_storage.Directory, "chunks_head", "000001");
        File.Delete(path);
        Directory.CreateDirectory(path); // not to be deleted as a file, by root neither

        Truncate(1_500_000);
        Assert.Equal(2, files.Count);
        Directory.Delete(path);
        File.WriteAllText(path, "");
        Truncate(1_500_000);

        Assert.Equal(1, files.Count);
        Assert.Equal(["000002"], FileNames());
        Assert.Equal(1_999_000, Assert.Single(_storage.Select("s1")).TimestampsMs[^1]);
    }

    [Fact]
    public void Entry_OneChunk_HasTheBytesOfTheFormatPage()
    {
        var blocks = new ChunkBlocks();
        var row = default(ScrapeCluster.Storage.Head.SeriesRow);
        XorAppender.Start(ref row, blocks, 1, BitConverter.DoubleToUInt64Bits(1.0));
        var bytes = new byte[ChunkFileFormat.MaxXorEntryBytes];
        var length = ChunkFileFormat.WriteEntry(bytes, 7, 1, 1, row.OpenChunk, blocks);
        Assert.Equal(
            "0000000000000007" + "0000000000000001" + "0000000000000001" + "01" + "0B" + "0001023FF0000000000000",
            Convert.ToHexString(bytes.AsSpan(0, length - 4)));
        Assert.True(ChunkFileFormat.TryReadEntry(bytes.AsSpan(0, length), out var entry));
        Assert.Equal((7ul, 1, length), (entry.SeriesRef, entry.SampleCount, entry.Length));
        Assert.False(ChunkFileFormat.TryReadEntry(bytes.AsSpan(0, length - 1), out _));
    }

    private void Fill(int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            _storage.Append(batch =>
            {
                batch.TimestampMs = i * 1000;
                for (var s = 0; s < 5; s++)
                {
                    batch.AddNew(StorageFixture.Series($"s{s}"), i + (s * 0.5));
                }
            });
        }
    }

    private void Check(int count)
    {
        for (var s = 0; s < 5; s++)
        {
            var found = Assert.Single(_storage.Select($"s{s}"));
            Assert.Equal(Enumerable.Range(0, count).Select(i => i * 1000L), found.TimestampsMs);
            Assert.Equal(Enumerable.Range(0, count).Select(i => i + (s * 0.5)), found.Values);
        }
    }

    private void Flush()
    {
        var writer = _storage.Storage.Writer;
        while (writer.BeginFlush() is { } flush)
        {
            writer.EndFlush(flush.GetAwaiter().GetResult());
        }
    }

    private void Truncate(long minMs)
    {
        var writer = _storage.Storage.Writer;
        writer.TruncateBefore(minMs);
        while (writer.ContinueTruncation())
        {
        }
    }

    private IEnumerable<string?> FileNames() =>
        Directory.EnumerateFiles(Path.Combine(_storage.Directory, "chunks_head")).Select(Path.GetFileName).Order();
}
