using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>From segment to segment without waiting for the disk.</summary>
public sealed class SegmentKeeperTests : WalTestBase
{
    private const string Beside = "wal-sync";
    private static readonly WalOptions Options = new(SegmentSize: 4 * WalFormat.PageSize, Compress: false);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FaultyWalFiles _disk = new();

    [Fact]
    public void Append_PastTheHalf_HasTheNextSegmentMadeBeside()
    {
        using var writer = WalWriter.Open(WalDirectory, Options, _disk);
        Assert.NotEqual(Beside, _disk.CreatedBy["00000000"]);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(writer.Append(BatchOf(new byte[WalFormat.PageSize])));
        }

        Assert.True(SpinWait.SpinUntil(() => File.Exists(SegmentFile(1)), Patience));
        Assert.Equal(0, writer.SegmentIndex);
        Assert.Null(writer.Append(BatchOf(new byte[2 * WalFormat.PageSize])));
        Assert.Equal(1, writer.SegmentIndex);
        Assert.Equal(Beside, _disk.CreatedBy["00000001"]);
    }

    [Fact]
    public void StartNextSegment_Announced_HasItMadeBeside()
    {
        using var writer = WalWriter.Open(WalDirectory, Options, _disk);
        writer.PrepareNextSegment();
        Assert.True(SpinWait.SpinUntil(() => File.Exists(SegmentFile(1)), Patience));
        Assert.Null(writer.StartNextSegment());
        Assert.Equal((1, Beside), (writer.SegmentIndex, _disk.CreatedBy["00000001"]));
    }

    [Fact]
    public void Dispose_NextSegmentMadeAndNotUsed_IsGone()
    {
        using (var writer = WalWriter.Open(WalDirectory, Options, _disk))
        {
            Assert.Null(writer.Append(BatchOf([1])));
            writer.PrepareNextSegment();
            Assert.True(SpinWait.SpinUntil(() => File.Exists(SegmentFile(1)), Patience));
        }

        Assert.Equal([0], WalFormat.Segments(WalDirectory));
        using var next = WalWriter.Open(WalDirectory);
        Assert.Equal(1, next.SegmentIndex);
    }

    [Fact]
    public void Append_NextSegmentCannotBeMadeBeside_IsMadeWhenNeeded()
    {
        using var writer = WalWriter.Open(WalDirectory, Options, _disk);
        _disk.FailCreate = true;
        writer.PrepareNextSegment();
        Assert.True(SpinWait.SpinUntil(() => _disk.CreatedBy.ContainsKey("00000001"), Patience));
        Assert.NotNull(writer.StartNextSegment());
        Assert.Null(writer.Append(BatchOf([1])));
        _disk.FailCreate = false;
        Assert.Null(writer.StartNextSegment());
        Assert.Null(writer.Append(BatchOf([2])));
        Assert.Equal(1, writer.SegmentIndex);
        Assert.Equal([[1], [2]], ReadRecords());
    }

    [Fact]
    public void Append_WhileTheOldSegmentIsBeingFlushed_DoesNotWait()
    {
        using var writer = WalWriter.Open(WalDirectory, Options, _disk);
        _disk.FlushGate.Reset();
        Assert.Null(writer.Append(BatchOf([1])));
        Assert.Null(writer.StartNextSegment());
        Assert.True(_disk.FlushBegan.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.Null(writer.Append(BatchOf([2])));
        Assert.Equal([[1], [2]], ReadRecords());
        _disk.FlushGate.Set();
    }
}
