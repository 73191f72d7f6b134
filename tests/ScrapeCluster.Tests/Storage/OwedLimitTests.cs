using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing.Storage;
using ScrapeCluster.Tests.Storage.Faults;

namespace ScrapeCluster.Tests.Storage;

/// <summary>A receiver that takes nothing: what is owed goes by size, by age, for the retention size and for a full disk; oldest first, counted and told.</summary>
public sealed class OwedLimitTests : IDisposable
{
    private const long Minute = 60_000;
    private const string DroppedSegments = "scrapecluster_wal_owed_dropped_segments_total";

    private readonly OwedLog _owed = new();
    private readonly FaultyDisk _disk = new();
    private StorageFixture? _storage;
    private long _nowMs = 1_000 * Minute;

    public void Dispose() => _storage?.Dispose();

    [Fact]
    public void Size_OldestSegmentsGo_AndTheRestIsReadWithItsSeries()
    {
        const long Limit = 12 * WalFormat.PageSize;
        var storage = Open(options => options with { OwedLimits = new OwedLimits { MaxBytes = Limit } });
        var part = _owed.Add("stalled", storage.Storage.WalPublished.Position);
        for (var round = 0; round < 8; round++)
        {
            Fill(12);
            storage.Truncate(_nowMs - (5 * Minute));
            Look();
            Assert.InRange(BytesFrom(part.Position.Segment), 0, Limit);
        }

        var dropped = storage.Values(DroppedSegments, "reason");
        Assert.True(dropped["size"] > 5, $"{dropped["size"]} segments went");
        Assert.Equal(0, dropped["age"] + dropped["disk_full"] + dropped["retention_size"]);
        Assert.Equal(dropped["size"] * WalFormat.PageSize, storage.Values("scrapecluster_wal_owed_dropped_bytes_total", "reason")["size"]);
        var told = storage.Log.Complaints[^1];
        Assert.Contains("remote_write stalled", told, StringComparison.Ordinal);
        Assert.Contains($"scrapecluster.remote-write.owed-max-size = {Limit}", told, StringComparison.Ordinal);

        var reading = Read(part.Position);
        Assert.Equal(0, reading.Unknown);
        Assert.Equal(dropped["size"], reading.LostSegments);
        Assert.Equal(_nowMs, reading.Samples[^1].TimestampMs);
    }

    [Fact]
    public void Age_SegmentsOfLongAgoGo()
    {
        var storage = Open(options => options with { OwedLimits = new OwedLimits { MaxAge = TimeSpan.FromHours(1) } });
        var part = _owed.Add("stalled", storage.Storage.WalPublished.Position);
        Fill(20);
        storage.Truncate(_nowMs - Minute);
        Look();
        var old = OldSegments();
        Assert.True(old.Count > 3);
        Age(old[0]);
        Age(old[1]);

        Look();

        Assert.Equal(old[2..], OldSegments());
        Assert.Equal(2, storage.Values(DroppedSegments, "reason")["age"]);
        Assert.Contains("scrapecluster.remote-write.owed-max-age = 01:00:00", storage.Log.Complaints[^1], StringComparison.Ordinal);
        Assert.Equal(0, Read(part.Position).Unknown);
    }

    /// <summary>What is sent already is no loss, however old.</summary>
    [Fact]
    public void Age_SegmentsThatAreSent_GoUncounted()
    {
        var storage = Open();
        var part = _owed.Add("quick", storage.Storage.WalPublished.Position);
        Fill(20);
        storage.Truncate(_nowMs - Minute);
        var old = OldSegments();
        part.Position = new WalPosition(old[2], 0);

        Look();

        Assert.Equal(old[2..], OldSegments());
        Assert.All(storage.Values(DroppedSegments, "reason"), reason => Assert.Equal(0, reason.Value));
        Assert.Empty(storage.Log.Complaints);
    }

    [Fact]
    public void DiskFull_OldestOwedSegmentGoes_AndTheScrapeIsStored()
    {
        var storage = Open();
        var part = _owed.Add("stalled", storage.Storage.WalPublished.Position);
        Fill(20);
        storage.Truncate(_nowMs - Minute);
        var old = OldSegments();
        FillTheDiskUntil(deletions: 2);

        Fill(1);

        Assert.Equal(old[2..], OldSegments());
        Assert.Equal(2, storage.Values(DroppedSegments, "reason")["disk_full"]);
        Assert.Contains("is full", storage.Log.Complaints[^1], StringComparison.Ordinal);
        Assert.Equal(0, Read(part.Position).Unknown);

        // Nothing left to give: then the scrape fails, as without remote write.
        FillTheDiskUntil(deletions: int.MaxValue);
        var failed = storage.Append("more", _nowMs + 1, 1);
        Assert.Contains("No space left", failed.Error);
        Assert.Empty(OldSegments());

        _disk.Fault = null;
        Fill(1);
    }

    [Fact]
    public void DiskFull_AtTheStart_OwedSegmentsGoAndTheNodeStarts()
    {
        var storage = Open();
        _owed.Add("stalled", storage.Storage.WalPublished.Position);
        Fill(20);
        storage.Truncate(_nowMs - Minute);
        var old = OldSegments();
        FillTheDiskUntil(deletions: 1);

        storage.Reopen();

        Assert.Equal(old[1..], OldSegments());
        Assert.Equal(1, storage.Values(DroppedSegments, "reason")["disk_full"]);
    }

    /// <summary>A checkpoint that finds the disk full is tried again, each time with more room, before scrapes fail.</summary>
    [Fact]
    public void DiskFull_ForACheckpoint_MakesRoom()
    {
        var storage = Open();
        _owed.Add("stalled", storage.Storage.WalPublished.Position);
        Fill(20);
        storage.Truncate(_nowMs - Minute);
        var old = OldSegments();
        Fill(20);

        storage.Storage.Writer.FailCheckpoint(FaultyDisk.NoSpace("checkpoint"));

        Assert.Equal(old[1..], OldSegments());
    }

    /// <summary>The half of the size at most is for remote write, and the head is not cut for it.</summary>
    [Fact]
    public void RetentionSize_HoldsWithWhatIsOwed_AndTheHeadKeepsItsPart()
    {
        const long Limit = 1_500_000;
        var storage = Open(options => options with { RetentionSizeBytes = Limit, RetentionTime = TimeSpan.FromHours(1) });
        _owed.Add("stalled", storage.Storage.WalPublished.Position);
        var upkeep = new StorageUpkeep(storage.Storage);
        for (var round = 0; round < 24; round++)
        {
            Fill(10);
            upkeep.Settle();
            Assert.InRange(DirectoryBytes(), 0, Limit + (Limit / 8));
        }

        var span = storage.Storage.Head.MaxTimeMs - storage.Storage.Head.MinTimeMs;
        Assert.InRange(span, 30 * Minute, 120 * Minute);
        Assert.True(storage.Values(DroppedSegments, "reason")["size"] > 5);
        Assert.Contains(storage.Log.Complaints, line => line.Contains("the half of --storage.tsdb.retention.size", StringComparison.Ordinal));
        Assert.True(OldSegments().Count > 3, "nothing was left for remote write");
    }

    [Fact]
    public void RetentionSize_LogAndChunksAlone_OwedSegmentsGoBeforeTheHeadIsCut()
    {
        var storage = Open(options => options with { RetentionSizeBytes = 1, OwedLimits = new OwedLimits { MaxBytes = 0 } });
        _owed.Add("stalled", storage.Storage.WalPublished.Position);
        Fill(20);
        storage.Storage.Writer.TruncateBefore(_nowMs - Minute);
        Cut();
        var minMs = storage.Storage.Head.MinTimeMs;
        Fill(1);

        Assert.False(OldSegments().Count > 0 && storage.Storage.Writer.BeginTruncation());
        Look();
        Assert.Empty(OldSegments());
        Assert.Equal(minMs, storage.Storage.Head.MinTimeMs);
        Assert.True(storage.Storage.Writer.BeginTruncation());
        Cut();
        Assert.True(storage.Storage.Head.MinTimeMs > minMs);
    }

    private StorageFixture Open(Func<StorageOptions, StorageOptions>? configure = null)
    {
        return _storage = new StorageFixture(
            options =>
            {
                var mine = options with { Owed = _owed, Wal = new WalOptions(SegmentSize: WalFormat.PageSize, Compress: false) };
                return configure is null ? mine : configure(mine);
            },
            _disk);
    }

    /// <summary>So many scrapes of half a segment.</summary>
    private void Fill(int scrapes)
    {
        for (var i = 0; i < scrapes; i++)
        {
            _nowMs += Minute;
            var result = _storage!.Append(batch =>
            {
                batch.TimestampMs = _nowMs;
                for (var series = 0; series < 100; series++)
                {
                    batch.AddNew(StorageFixture.Series($"s{(series < 50 ? 0 : _nowMs)}_{series}_{new string('x', 200)}"), series);
                }
            });
            Assert.Null(result.Error);
        }
    }

    private void Cut()
    {
        while (_storage!.Storage.Writer.ContinueTruncation())
        {
        }

        if (_storage.Storage.Writer.BeginCheckpoint(TestContext.Current.CancellationToken) is { } checkpoint)
        {
            _storage.Storage.Writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }
    }

    private void Look() => _storage!.LookForOwed();

    /// <summary>Nothing can be written until so many segments were deleted.</summary>
    private void FillTheDiskUntil(int deletions)
    {
        var left = deletions;
        _disk.Fault = (call, path) =>
        {
            if (call == FaultyDisk.Call.Delete)
            {
                left--;
            }

            return left > 0 && call is (FaultyDisk.Call.Create or FaultyDisk.Call.Write) ? FaultyDisk.NoSpace(path) : null;
        };
    }

    private OwedReading Read(WalPosition from) => OwedReading.From(_storage!.Storage.WalDirectory, _storage.Storage.WalPublished, from);

    private void Age(int segment) => File.SetLastWriteTimeUtc(WalFormat.SegmentPath(_storage!.Storage.WalDirectory, segment), DateTime.UtcNow - TimeSpan.FromHours(2));

    private List<int> OldSegments()
    {
        var directory = _storage!.Storage.WalDirectory;
        return [.. WalFormat.Segments(directory).Where(segment => segment <= (WalFormat.LastCheckpoint(directory) ?? -1))];
    }

    private long BytesFrom(int segment)
    {
        var directory = _storage!.Storage.WalDirectory;
        return WalFormat.Segments(directory).Where(number => number >= segment).Sum(number => new FileInfo(WalFormat.SegmentPath(directory, number)).Length);
    }

    private long DirectoryBytes() => new DirectoryInfo(_storage!.Directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
