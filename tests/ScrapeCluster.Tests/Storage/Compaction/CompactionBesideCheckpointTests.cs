using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>A cut of the head waits for the checkpoint that is being written, and the merges of blocks for the cut: all of it within one tick.</summary>
public sealed class CompactionBesideCheckpointTests
{
    private const int MinuteMs = 60_000;
    private const int HourMs = 60 * MinuteMs;

    [Fact]
    public async Task Checkpoint_EndsAfterTheLastPieceOfTheHead_BlocksAreMergedAllTheSame()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var storage = new StorageFixture(options => options with { Wal = new WalOptions(SegmentSize: 64 * 1024, Compress: false) });
        Append(storage, 0, 450);
        var writer = storage.Storage.Writer;
        Assert.Empty(WriterTick.Run(writer));
        Assert.Equal([2, 4, 6], EndHours(storage));

        Append(storage, 451, 690);
        writer.ExpectBlocks();
        writer.EndCompaction(await writer.BeginCompaction(cancellation)!);
        Cut(writer);
        var checkpoint = writer.BeginCheckpoint(cancellation);
        Assert.NotNull(checkpoint);
        writer.EndCompaction(await writer.BeginCompaction(cancellation)!);
        Assert.Equal([2, 4, 6, 8, 10], EndHours(storage));
        Assert.False(writer.BeginTruncation());
        if (writer.BeginCompaction(cancellation) is { } early)
        {
            writer.EndCompaction(await early);
        }

        writer.EndCheckpoint(await checkpoint);
        Cut(writer);
        var merging = writer.BeginCompaction(cancellation);
        Assert.NotNull(merging);
        writer.EndCompaction(await merging);
        Assert.Equal([6, 8, 10], EndHours(storage));
        Assert.Equal(10 * HourMs, storage.Storage.Query.Stats.MinTimeMs);
    }

    private static void Append(StorageFixture storage, int fromMinute, int toMinute)
    {
        for (var minute = fromMinute; minute <= toMinute; minute++)
        {
            for (var series = 0; series < 5; series++)
            {
                Assert.Null(storage.Append($"m{series}", (long)minute * MinuteMs, Math.Sin(minute * (series + 1))).Error);
            }
        }
    }

    private static void Cut(StorageWriter writer)
    {
        Assert.True(writer.BeginTruncation());
        while (writer.ContinueTruncation())
        {
        }
    }

    private static int[] EndHours(StorageFixture storage) => [.. storage.Storage.Blocks.Blocks.Select(block => (int)(block.EndMs / HourMs))];
}
