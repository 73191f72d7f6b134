using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Tests.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>Disks that are full, blocks that are damaged, half there or taken away: the rest is stored, answered and made up for.</summary>
public sealed class CompactionFaultTests
{
    private const long MinuteMs = 60_000;
    private const int Series = 5;

    [Fact]
    public void WriteHead_OnADiskThatIsFullAtAnyByte_LosesNothingAndIsMadeUpFor()
    {
        var needed = BytesOfABlock();
        for (var room = 0L; room < needed; room += 1 + (needed / 7))
        {
            var disk = new FaultyWalFiles();
            using var storage = new StorageFixture(files: disk);
            Scrape(storage, 0, 200);
            disk.RoomBytes = room;
            Assert.Contains("No space left", Assert.Single(WriterTick.Run(storage.Storage.Writer)).Message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetDirectories(storage.Directory, "*.tmp*"));
            AssertScraped(storage, 0, 200);

            // With room again, also after a restart, all is made up for.
            disk.RoomBytes = long.MaxValue;
            if (room > needed / 2)
            {
                storage.Reopen();
                AssertScraped(storage, 0, 200);
            }

            Assert.Empty(WriterTick.Run(storage.Storage.Writer));
            Assert.Single(storage.Storage.Blocks.Blocks);
            Assert.Equal(120 * MinuteMs, storage.Storage.Query.Stats.MinTimeMs);
            AssertScraped(storage, 0, 200);
        }
    }

    [Fact]
    public void WriteHead_OnADiskThatStaysFull_IsTriedLessAndLess()
    {
        var disk = new NoRoomForBlocks { IsFull = true };
        using var storage = new StorageFixture(files: disk);
        Scrape(storage, 0, 200);
        var failed = Enumerable.Range(1, 40).Where(_ => WriterTick.Run(storage.Storage.Writer).Count > 0).ToList();
        Assert.Equal([1, 2, 4, 8, 16, 26, 36], failed);

        disk.IsFull = false;
        var untilWritten = 0;
        for (; storage.Storage.Blocks.Blocks.Count == 0 && untilWritten < 10; untilWritten++)
        {
            Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        }

        Assert.Equal(6, untilWritten);
        Scrape(storage, 201, 500);
        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        Assert.Equal(3, storage.Storage.Blocks.Blocks.Count);
        AssertScraped(storage, 0, 500);
    }

    /// <summary>Blocks that cannot be written for longer than samples are kept do not make the head grow for ever.</summary>
    [Fact]
    public void WriteHead_FailsForLongerThanSamplesAreKept_MemoryStaysBounded()
    {
        var disk = new NoRoomForBlocks { IsFull = true };
        using var storage = new StorageFixture(options => options with { RetentionTime = TimeSpan.FromHours(12), TruncateSlack = TimeSpan.Zero }, disk);
        for (var minute = 0; minute < 24 * 60; minute += 10)
        {
            Scrape(storage, minute, minute + 9);
            WriterTick.Run(storage.Storage.Writer);
        }

        Assert.InRange(storage.Storage.Query.Stats.MinTimeMs, 10 * 60 * MinuteMs, 12 * 60 * MinuteMs);
        disk.IsFull = false;
        for (var tick = 0; tick < 11; tick++)
        {
            Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        }

        Assert.Equal(22 * 60 * MinuteMs, storage.Storage.Query.Stats.MinTimeMs);
        AssertScraped(storage, 12 * 60, (24 * 60) - 1, isWhole: false);
    }

    [Fact]
    public void Query_OverADamagedBlock_NamesFileAndOffset_AndTheRestAnswers()
    {
        using var storage = WithBlocks();
        var damaged = Path.Combine(storage.Storage.Blocks.Blocks[0].Folder, "chunks", "000001");
        Flip(damaged, offset: 20);

        var failure = Assert.ThrowsAny<IOException>(() => storage.Select("{job=\"test\"}"));
        Assert.Equal((damaged, 8L), failure is BlockDamageException damage ? (damage.Damage.Path, damage.Damage.Offset) : default);
        Assert.All(storage.Select("{job=\"test\"}", 120 * MinuteMs), series => Assert.Equal(500 - 120 + 1, series.Values.Length));
        Assert.Empty(storage.Append("m0", 501 * MinuteMs, 1).Refused);
        Assert.Equal(Series, storage.Storage.Query.Series([]).Count());

        // Merging it fails, and nothing else.
        Scrape(storage, 502, 1000);
        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        Assert.Equal([120, 240, 360, 720, 840], storage.Storage.Blocks.Blocks.Select(block => (int)(block.EndMs / MinuteMs)));
    }

    [Theory]
    [InlineData("index", null, "index")]
    [InlineData("meta.json", 0, "meta.json at offset 0")]
    [InlineData("chunks/000001", 5, "000001 at offset 0")]
    [InlineData("index", 40, "index at offset")]
    public void Open_WithABlockThatIsHalfThere_NamesTheFileAndTheRestAnswers(string file, int? length, string named)
    {
        using var storage = WithBlocks();
        var half = storage.Storage.Blocks.Blocks[1].Folder;
        storage.Storage.Dispose();
        if (length is null)
        {
            File.Delete(Path.Combine(half, file));
        }
        else
        {
            File.WriteAllBytes(Path.Combine(half, file), File.ReadAllBytes(Path.Combine(half, file))[..length.Value]);
        }

        storage.Reopen();

        var bad = Assert.Single(storage.Storage.Blocks.Bad);
        Assert.Equal(half, bad.Folder);
        Assert.Contains(named, bad.Reason, StringComparison.Ordinal);
        Assert.All(storage.Select("{job=\"test\"}"), series => Assert.Equal(501 - 120, series.Values.Length));
        Scrape(storage, 501, 1000);
        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        AssertScraped(storage, 240, 1000, isWhole: false);
        Assert.True(Directory.Exists(half));
    }

    /// <summary>The log keeps what the head has not given up: damage in a chunk file holds up the block until the next start, and costs nothing.</summary>
    [Fact]
    public void WriteHead_OfADamagedChunkFile_NamesIt_AndARestartMakesUpForIt()
    {
        using var storage = WithBlocks();
        Scrape(storage, 501, 600);
        var file = Directory.GetFiles(Path.Combine(storage.Directory, "chunks_head")).Order(StringComparer.Ordinal).Last();
        using (var chunks = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            // In the chunk that was closed last.
            chunks.Seek(-20, SeekOrigin.End);
            var value = chunks.ReadByte();
            chunks.Seek(-20, SeekOrigin.End);
            chunks.WriteByte((byte)(value ^ 1));
        }

        Assert.Contains($"{file} at offset ", Assert.Single(WriterTick.Run(storage.Storage.Writer)).Message, StringComparison.Ordinal);
        Assert.Empty(storage.Append("m0", 601 * MinuteMs, ValueOf(601, 0)).Refused);
        Assert.Equal(3, storage.Storage.Blocks.Blocks.Count);

        storage.Reopen();
        Scrape(storage, 602, 650);
        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        Assert.Equal([360, 480], storage.Storage.Blocks.Blocks.Select(block => (int)(block.EndMs / MinuteMs)).TakeLast(2));
        AssertScraped(storage, 0, 600, toMs: 600 * MinuteMs);
    }

    [Fact]
    public void Open_AfterACrash_RemovesWhatWasBegun()
    {
        using var storage = WithBlocks();
        var block = storage.Storage.Blocks.Blocks[0];
        storage.Storage.Dispose();
        foreach (var suffix in new[] { ".tmp-for-creation", ".tmp-for-deletion", ".tmp" })
        {
            Directory.CreateDirectory(Path.Combine(storage.Directory, Ulid.New(1, new Random(1)) + suffix, "chunks"));
        }

        storage.Reopen();

        Assert.Empty(Directory.GetDirectories(storage.Directory, "*.tmp*"));
        Assert.Equal(block.Id, storage.Storage.Blocks.Blocks[0].Id);
    }

    [Fact]
    public void Cursor_WhoseBlocksAreDeletedMeanwhile_ReadsOn()
    {
        using var storage = WithBlocks();
        using var series = storage.Storage.Query.Open(new Selection(StorageFixture.Matchers("{job=\"test\"}")));
        Assert.True(series.MoveNext());

        // One goes by hand, the others by age.
        Directory.Delete(storage.Storage.Blocks.Blocks[0].Folder, recursive: true);
        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        Assert.Equal(2, storage.Storage.Blocks.Blocks.Count);
        storage.Storage.Blocks.Replace(storage.Storage.Blocks.Blocks, null);
        Assert.DoesNotContain(Directory.GetDirectories(storage.Directory), path => Ulid.TryParse(Path.GetFileName(path), out _));

        var count = 0;
        do
        {
            List<long> timestamps = [];
            series.ReadSamples(timestamps, []);
            Assert.Equal(Enumerable.Range(0, 501).Select(minute => minute * MinuteMs), timestamps);
            count++;
        }
        while (series.MoveNext());

        Assert.Equal(Series, count);
        Assert.All(storage.Select("{job=\"test\"}"), rest => Assert.Equal(360 * MinuteMs, rest.TimestampsMs[0]));
    }

    /// <summary>Blocks of minutes 0 to 119, 120 to 239 and 240 to 359, the head from 360 to 500.</summary>
    private static StorageFixture WithBlocks()
    {
        var storage = new StorageFixture(options => options with { RetentionTime = TimeSpan.FromDays(365) });
        Scrape(storage, 0, 500);
        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        Assert.Equal([120, 240, 360], storage.Storage.Blocks.Blocks.Select(block => (int)(block.EndMs / MinuteMs)));
        return storage;
    }

    private static long BytesOfABlock()
    {
        var disk = new FaultyWalFiles();
        using var storage = new StorageFixture(files: disk);
        Scrape(storage, 0, 200);
        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        return Assert.Single(storage.Storage.Blocks.Blocks).Bytes;
    }

    private static void Scrape(StorageFixture storage, int fromMinute, int toMinute)
    {
        for (var minute = fromMinute; minute <= toMinute; minute++)
        {
            var result = storage.Append(batch =>
            {
                batch.TimestampMs = minute * MinuteMs;
                for (var number = 0; number < Series; number++)
                {
                    batch.AddNew(StorageFixture.Series($"m{number}"), ValueOf(minute, number));
                }
            });
            Assert.Null(result.Error);
            Assert.Empty(result.Refused);
        }
    }

    private static void AssertScraped(StorageFixture storage, int fromMinute, int toMinute, bool isWhole = true, long toMs = long.MaxValue)
    {
        var stored = storage.Select("{job=\"test\"}", isWhole ? long.MinValue : fromMinute * MinuteMs, toMs);
        Assert.Equal(Series, stored.Count);
        foreach (var series in stored)
        {
            var number = int.Parse(series.Labels.Get(Labels.MetricName)!.AsSpan(1), null);
            Assert.Equal(Enumerable.Range(fromMinute, toMinute - fromMinute + 1).Select(minute => minute * MinuteMs), series.TimestampsMs);
            Assert.Equal(Enumerable.Range(fromMinute, toMinute - fromMinute + 1).Select(minute => ValueOf(minute, number)), series.Values);
        }
    }

    private static double ValueOf(int minute, int number) => Math.Sin(minute * (number + 1));

    private static void Flip(string file, int offset)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[offset] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
