using ScrapeCluster.Model;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Storage.Head;

/// <summary>The writer's steps, by hand, in the middle of a read.</summary>
public sealed class HeldByReaderTests
{
    private const int Samples = 500;

    private readonly HeadBlock _head = new();

    [Fact]
    public void Truncate_ReaderHoldsASeries_NothingOfItIsUsedAgainUntilItLeaves()
    {
        var row = Fill("old");
        ref var series = ref _head.Series.Row(row);
        var (labelsAt, count, newest) = (series.LabelsAt, series.LabelCount, series.Closed);
        var reader = _head.Epochs.Enter();
        var open = new ChunkRef(series.Open);
        var closed = new ChunkRef(_head.Closed[newest].Chunk);
        var openBytes = Bytes(open);
        var closedBytes = Bytes(closed);

        Truncate(Samples * 1000);
        var second = Fill("new");

        Assert.Equal(0, series.LabelCount);
        Assert.Equal("old", _head.Labels.ToLabels(_head.Runs.Read(labelsAt, count)).Get("name"));
        Assert.NotEqual(row, second);
        Assert.Equal(openBytes, Bytes(open));
        Assert.Equal(closedBytes, Bytes(closed));
        Assert.True(_head.Closed[newest].Older != ClosedChunks.None, "the way to older chunks stays");

        reader.Dispose();
        _head.Reclaim();
        var third = Fill("third");
        Assert.Equal(row, third);
        Assert.Equal(labelsAt, _head.Series.Row(third).LabelsAt);
    }

    [Fact]
    public void Read_ChunksAreBeingDropped_LeavesOutTheOlderOnesToo()
    {
        var row = Fill("m");
        using var reader = _head.Epochs.Enter();
        var newest = _head.Series.Row(row).Closed;
        var dropped = _head.Closed[newest].Older;
        Assert.NotEqual(ClosedChunks.None, _head.Closed[dropped].Older);

        // A reader has gone past the newest when the writer unlinks the rest and is at the first of it.
        Volatile.Write(ref _head.Closed[dropped].Chunk, 0);

        var cursor = new SampleCursor(_head);
        Assert.True(cursor.Read(row, long.MinValue, long.MaxValue));
        Assert.Equal(_head.Closed[newest].MinMs, cursor.TimestampsMs[0]);
        Assert.Equal(Samples * 1000 - 1000, cursor.TimestampsMs[^1]);
        Assert.All(cursor.TimestampsMs.Zip(cursor.TimestampsMs.Skip(1)), pair => Assert.Equal(pair.First + 1000, pair.Second));
    }

    private uint Fill(string name)
    {
        var row = _head.FindOrCreate(Labels.Of(("__name__", "m"), ("name", name)), out _);
        for (var i = 0; i < Samples; i++)
        {
            _head.Append(row, i * 1000, i);
        }

        return row;
    }

    private void Truncate(long minMs)
    {
        var truncation = new HeadTruncation(_head, minMs);
        while (truncation.Step())
        {
        }
    }

    private byte[] Bytes(ChunkRef chunk)
    {
        var bytes = new byte[chunk.LengthBytes];
        _head.Blocks.Copy(chunk.FirstBlock, bytes);
        return bytes;
    }
}
