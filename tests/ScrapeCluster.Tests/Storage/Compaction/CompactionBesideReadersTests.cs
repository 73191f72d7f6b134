using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>A reader that takes its time holds back the cut of the head, and no more than that.</summary>
public sealed class CompactionBesideReadersTests : IDisposable
{
    private const long MinuteMs = 60_000;
    private const long HourMs = 60 * MinuteMs;

    private readonly StorageFixture _storage = new(options => options with { RetentionTime = TimeSpan.FromHours(240) });

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void Tick_ReaderHoldsBackTheCut_BlocksAreMergedAndTheOldOnesGo()
    {
        Append(0, 10);
        WriterTick.Run(_storage.Storage.Writer);
        Assert.Equal([6, 8], Ends());
        using (_storage.Storage.Query.Open(new Selection([], long.MinValue, long.MaxValue)))
        {
            // A block of the head is written, and its range stays in the head.
            Append(10, 12);
            WriterTick.Run(_storage.Storage.Writer);
            Assert.Equal([6, 8, 10], Ends());
            Assert.Equal(8 * HourMs, _storage.Storage.Query.Stats.MinTimeMs);

            // Somebody fills in what is merged with it, and what is older than the retention.
            FillIn(-300);
            FillIn(10);
            FillIn(12);
            WriterTick.Run(_storage.Storage.Writer);
            WriterTick.Run(_storage.Storage.Writer);

            Assert.Equal([6, 12, 14], Ends());
            Assert.Equal(8 * HourMs, _storage.Storage.Query.Stats.MinTimeMs);
        }

        WriterTick.Run(_storage.Storage.Writer);
        Assert.Equal(10 * HourMs, _storage.Storage.Query.Stats.MinTimeMs);
        Assert.Equal(12 * 60, StoredSamples.Of(_storage.Storage)[StorageFixture.Series("a")].Count);
    }

    private IEnumerable<long> Ends() => _storage.Storage.Blocks.Blocks.Select(block => block.EndMs / HourMs);

    private void Append(int fromHour, int toHour)
    {
        for (var minute = fromHour * 60; minute < toHour * 60; minute++)
        {
            Assert.Null(_storage.Append("a", minute * MinuteMs, minute).Error);
        }
    }

    private void FillIn(int hour)
    {
        var input = new MemoryInput().Add("filled", MemoryInput.Chunk((hour * HourMs, 1)));
        var id = Ulid.New(hour + 1000, new Random(hour));
        Assert.NotNull(new BlockWriter(DiskFiles.Instance).Write(_storage.Directory, BlockHeader.OfHead(id, hour * HourMs, (hour + 2) * HourMs), input, default));
    }
}
