using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.Tests.Storage;

/// <summary>A server keeps of its log what remote write owes, with all that is needed to read it, beside checkpoints that are newer.</summary>
public sealed class OwedLogOfServerTests : IDisposable
{
    private const long Minute = 60_000;

    private readonly OwedLog _owed = new();
    private readonly List<(string Series, long TimestampMs, double Value)> _written = [];

    /// <summary>Where the log ended when so many samples were written.</summary>
    private readonly List<(WalPosition End, int Count)> _ends = [];
    private StorageFixture? _storage;
    private long _nowMs = 1_000 * Minute;

    public void Dispose() => _storage?.Dispose();

    /// <summary>Series come and go, the queue stalls and moves on, the head is cut, the node starts again: what is owed can be read, all of it, at any time.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void SeriesChurn_EverySampleThatIsOwed_IsThereWithItsSeries(int seed)
    {
        var random = new Random(seed);
        var storage = Open();
        var part = _owed.Add("queue", storage.Storage.WalPublished.Position);
        var sent = 0;
        var mostOld = 0;
        for (var step = 0; step < 120; step++)
        {
            Scrape(random, step);
            if (random.Next(12) == 0)
            {
                var reached = _ends[random.Next(_ends.FindIndex(end => end.Count >= sent), _ends.Count)];
                (part.Position, sent) = reached;
            }

            if (step % 5 == 4)
            {
                storage.Truncate(_nowMs - (10 * Minute));
                mostOld = Math.Max(mostOld, OldSegments().Count);
                if (step % 20 == 19)
                {
                    AssertOwed(part.Position, sent);
                }
            }

            if (random.Next(3) == 0)
            {
                storage.LookForOwed();
            }

            if (random.Next(40) == 0)
            {
                storage.Reopen();
                AssertOwed(part.Position, sent);
            }
        }

        Assert.True(mostOld > 5, $"at most {mostOld} segments stayed beside a newer checkpoint");
        AssertOwed(part.Position, sent);
        Assert.Equal(0, storage.Storage.Corruptions);

        // All is sent: the log is as short as ever, and the series of long ago are forgotten.
        for (var round = 0; round < 4; round++)
        {
            Scrape(random, 1000);
            Scrape(random, 1000);
            part.Position = storage.Storage.WalPublished.Position;
            storage.Truncate(_nowMs - Minute);
        }

        Assert.Empty(OldSegments());
        Assert.InRange(CheckpointSeries(), 1, 100);
    }

    [Fact]
    public void BeforeTheQueuesAreKnown_NothingThatMayBeOwedGoes()
    {
        var owed = OwedLog.AwaitingQueues();
        var storage = Open(owed: owed);
        Fill();
        var first = WalFormat.Segments(storage.Storage.WalDirectory)[0];
        storage.Truncate(_nowMs - Minute);
        storage.LookForOwed();
        Assert.NotNull(WalFormat.LastCheckpoint(storage.Storage.WalDirectory));
        Assert.Equal(first, OldSegments()[0]);

        storage.Reopen();
        storage.LookForOwed();
        Assert.Equal(first, OldSegments()[0]);

        owed.Add("queue", new WalPosition(first + 2, 0));
        owed.NoteAllKnown();
        storage.LookForOwed();
        Assert.Equal(first + 2, OldSegments()[0]);
    }

    /// <summary>What a start reads does not grow with what is owed.</summary>
    [Fact]
    public void Replay_OwedSegmentsBesideTheCheckpoint_AreNotRead()
    {
        var storage = Open();
        _owed.Add("queue", storage.Storage.WalPublished.Position);
        Fill();
        storage.Truncate(_nowMs - Minute);
        var old = OldSegments();
        Assert.True(old.Count > 2);
        File.WriteAllBytes(WalFormat.SegmentPath(storage.Storage.WalDirectory, old[1]), new byte[100_000].Select((_, i) => (byte)(i + 1)).ToArray());

        storage.Reopen();

        Assert.Equal(0, storage.Storage.Corruptions);
        Assert.Equal(old, OldSegments());
        Assert.True(storage.Storage.Progress.Min > old[^1]);
    }

    private StorageFixture Open(Func<StorageOptions, StorageOptions>? configure = null, OwedLog? owed = null)
    {
        return _storage = new StorageFixture(options =>
        {
            var mine = options with { Owed = owed ?? _owed, Wal = new WalOptions(SegmentSize: WalFormat.PageSize, Compress: false) };
            return configure is null ? mine : configure(mine);
        });
    }

    private void Fill()
    {
        var random = new Random(7);
        for (var step = 0; step < 60; step++)
        {
            Scrape(random, step * 10);
        }
    }

    /// <summary>Thirty samples of a minute: five series that stay, and some of a window that moves.</summary>
    private void Scrape(Random random, int step)
    {
        _nowMs += Minute;
        var names = Enumerable.Range(0, 30).Select(i => i < 5 ? $"stays_{i}" : $"churn_{random.Next(step * 3, (step * 3) + 60)}_{new string('x', 150)}").Distinct().ToList();
        Assert.Null(_storage!.Append(batch =>
        {
            batch.TimestampMs = _nowMs;
            names.ForEach(name => batch.AddNew(StorageFixture.Series(name), step));
        }).Error);
        _written.AddRange(names.Select(name => (StorageFixture.Series(name).ToString(), _nowMs, (double)step)));
        _ends.Add((_storage.Storage.WalPublished.Position, _written.Count));
    }

    private void AssertOwed(WalPosition from, int sent)
    {
        var reading = OwedReading.From(_storage!.Storage.WalDirectory, _storage.Storage.WalPublished, from);
        Assert.Equal((0, 0, 0L), (reading.Unknown, reading.LostSegments, reading.DamagedPlaces));
        Assert.Equal(_written.Skip(sent), reading.Samples);
    }

    private List<int> OldSegments()
    {
        var directory = _storage!.Storage.WalDirectory;
        return [.. WalFormat.Segments(directory).Where(segment => segment <= (WalFormat.LastCheckpoint(directory) ?? -1))];
    }

    private int CheckpointSeries()
    {
        var directory = _storage!.Storage.WalDirectory;
        using var reader = new WalReader(WalFormat.CheckpointPath(directory, WalFormat.LastCheckpoint(directory)!.Value));
        return SeriesRecords.Refs(reader).Count;
    }
}
