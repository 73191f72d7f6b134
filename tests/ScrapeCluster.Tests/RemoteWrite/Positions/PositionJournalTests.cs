using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.RemoteWrite.Positions;

/// <summary>The positions of a queue over its life, and disks that do not take them.</summary>
public sealed class PositionJournalTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("positions-").FullName;
    private readonly OwedLog _owed = new();
    private readonly ManualTimeProvider _time = new();
    private bool _isFull;

    private string FilePath => Path.Combine(_directory, "q.positions");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Begin_ThenOpenedAgain_TheRequestIsKnown()
    {
        using (var journal = Open())
        {
            var (positions, _) = journal.StartOver();
            journal.TryBegin(positions, 0, At(5));
            journal.Acknowledge(positions, 0, At(5));
            journal.TryBegin(positions, 0, At(9));
        }

        using var again = Open();
        Assert.Equal([new ShardStart(new ShardPosition(At(5), At(9)), At(9))], again.StartOver().Starts);
        Assert.Equal(At(5).Record, _owed.Lowest);
    }

    [Fact]
    public void Write_ByAQueueThatOthersHaveFollowed_IsNotHeard()
    {
        using var journal = Open();
        var (old, _) = journal.StartOver();
        var (next, _) = journal.StartOver();
        journal.Acknowledge(old, 0, At(5));
        Assert.False(journal.TryBegin(old, 0, At(5)));
        Assert.Equal(At(1), journal.Lowest);
        journal.Acknowledge(next, 0, At(6));
        Assert.Equal(At(6), journal.Lowest);
    }

    [Fact]
    public void Owed_IsWhatStandsInTheFile_AlsoWhileTheDiskIsFull()
    {
        using var journal = Open();
        var (positions, _) = journal.StartOver();
        journal.Acknowledge(positions, 0, Far(1));
        Assert.Equal(Far(1).Record, _owed.Lowest);

        _isFull = true;
        journal.Acknowledge(positions, 0, Far(2));
        Assert.Equal(Far(2), journal.Lowest);
        Assert.Equal(Far(1).Record, _owed.Lowest);

        _isFull = false;
        _time.Advance(TimeSpan.FromSeconds(6));
        journal.CatchUp();
        Assert.Equal(Far(2).Record, _owed.Lowest);
        Assert.Equal(Far(2), PositionFile.TryRead(FilePath)!.Shards[0]!.Value.Acknowledged);
    }

    [Fact]
    public void Open_DiskIsFull_IsMadeWhenThereIsRoom()
    {
        _isFull = true;
        using var journal = Open();
        var (positions, _) = journal.StartOver();
        journal.TryBegin(positions, 0, Far(1));
        journal.Acknowledge(positions, 0, Far(1));
        Assert.Equal(Far(1).Record, _owed.Lowest);
        Assert.False(File.Exists(FilePath));

        _isFull = false;
        _time.Advance(TimeSpan.FromSeconds(6));
        journal.CatchUp();
        Assert.Equal(Far(1), PositionFile.TryRead(FilePath)!.Shards[0]!.Value.Acknowledged);
    }

    [Fact]
    public void Reshard_DiskIsFull_TheOldNumberStays()
    {
        using var journal = Open();
        var (positions, _) = journal.StartOver();
        journal.Acknowledge(positions, 0, At(3));
        _isFull = true;
        Assert.Null(journal.TryReshard(positions, 4, At(3)));
        _isFull = false;
        var four = journal.TryReshard(positions, 4, At(3));

        Assert.Equal(4, four?.Count);
        var read = PositionFile.TryRead(FilePath)!;
        Assert.Equal(2ul, read.Header?.Generation);
        Assert.Equal(Enumerable.Repeat<ShardPosition?>(new ShardPosition(At(3)), 4), read.Shards);
    }

    [Fact]
    public void Rename_NameAndUrl_TheFileGoesWithIt()
    {
        using var journal = Open();
        var (positions, _) = journal.StartOver();
        journal.TryBegin(positions, 0, At(5));
        var path = Path.Combine(_directory, "other.positions");
        journal.Rename("other", "http://b", path);
        journal.Acknowledge(positions, 0, At(5));

        Assert.False(File.Exists(FilePath));
        var read = PositionFile.TryRead(path)!;
        Assert.Equal(PositionFormat.HashUrl("http://b"), read.Header?.UrlHash);
        Assert.Equal([new ShardPosition(At(5))], read.Shards);
    }

    [Fact]
    public void Remove_NothingIsOwedAndTheFileIsGone()
    {
        var journal = Open();
        journal.Remove();

        Assert.Null(_owed.Lowest);
        Assert.Empty(Directory.GetFiles(_directory));
    }

    private static SamplePosition At(int index) => new(0, 10, index);

    private static SamplePosition Far(int segment) => new(segment, 0, 0);

    private PositionJournal Open()
    {
        var read = PositionFile.TryRead(FilePath);
        var start = read is null ? new QueueStart([new ShardStart(At(1))], []) : QueueStart.Of(read, 1, 0, new WalPosition(9, 0));
        return new PositionJournal("q", "http://a", FilePath, start, read, _owed, NullLogger.Instance, _time, Write);
    }

    private void Write(Microsoft.Win32.SafeHandles.SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        if (_isFull)
        {
            throw new IOException("No space left on device");
        }

        RandomAccess.Write(file, bytes, offset);
    }
}
