using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Snapshots;
using ScrapeCluster.Testing;
using ScrapeCluster.Tests.Storage.Faults;

namespace ScrapeCluster.Tests.Storage.Snapshots;

/// <summary>Snapshots while the head becomes blocks, blocks are merged and the head is cut: each has every sample from the first to the last one before it.</summary>
public sealed class SnapshotBesideCompactionTests : IDisposable
{
    private const long StepMs = 4 * 60_000;
    private const int MinRounds = 24 * 60 / 4;
    private const int Snapshots = 6;

    private readonly StorageFixture _storage = new(options => options with { RetentionTime = TimeSpan.Zero }, directory: BusyTemplate.NewFolder());
    private long _publishedRound;
    private int _taken;

    public void Dispose() => _storage.Dispose();

    [Fact(Timeout = 600_000)]
    public async Task Snapshots_AreWhole_AndNeverOfOneName()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var writing = OwnThread.Run(() => Write(over.Token));
        var names = new List<string>();
        try
        {
            while (!writing.IsCompleted)
            {
                over.Token.ThrowIfCancellationRequested();
                var acknowledged = Volatile.Read(ref _publishedRound);
                var name = await _storage.Storage.SnapshotAsync(withHead: true, over.Token);
                AssertWhole(name, acknowledged);
                names.Add(name);
                Interlocked.Increment(ref _taken);
            }
        }
        catch
        {
            await over.CancelAsync();
            throw;
        }

        await writing;
        Assert.True(names.Count >= Snapshots);
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal(names.Order(), Directory.GetDirectories(Path.Combine(_storage.Directory, SnapshotWriter.FolderName)).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal(0, _storage.Storage.Query.Pending.Count);
    }

    [Fact]
    public void Open_AfterAKillWithinASnapshot_RemovesIt()
    {
        var snapshots = Path.Combine(_storage.Directory, SnapshotWriter.FolderName);
        Directory.CreateDirectory(Path.Combine(snapshots, "20261123T000000Z-0000000000000001.tmp", "block"));
        Directory.CreateDirectory(Path.Combine(snapshots, "20261123T000000Z-0000000000000002"));

        _storage.Reopen();

        Assert.Equal(["20261123T000000Z-0000000000000002"], Directory.GetDirectories(snapshots).Select(Path.GetFileName));
    }

    /// <summary>Until enough snapshots were taken and some blocks were merged; four hours go by between two of them.</summary>
    private void Write(CancellationToken over)
    {
        var writer = _storage.Storage.Writer;
        Task<CompactionOutcome>? compaction = null;
        for (long round = 1; round <= MinRounds || Volatile.Read(ref _taken) < Snapshots || !HasMerged(); round++)
        {
            _storage.Append("a", round * StepMs, round);
            _storage.Append($"s{round / 100}", round * StepMs, round);
            Volatile.Write(ref _publishedRound, round);
            if (round % 15 != 0)
            {
                continue;
            }

            var wanted = (int)(round / 60);
            SpinWait.SpinUntil(() => Volatile.Read(ref _taken) >= wanted || over.IsCancellationRequested);
            over.ThrowIfCancellationRequested();

            writer.ExpectBlocks();
            if (compaction is not null)
            {
                compaction.Wait(over);
                Assert.Null(compaction.Result.Failure);
                writer.EndCompaction(compaction.Result);
            }

            if (compaction?.Result.WrittenBeforeMs is not null)
            {
                // Once the snapshot that does not know the block has ended.
                SpinWait.SpinUntil(writer.BeginTruncation);
                while (writer.ContinueTruncation())
                {
                }
            }

            compaction = writer.BeginCompaction(CancellationToken.None);
        }

        compaction?.Wait(over);
    }

    private bool HasMerged() => _storage.Storage.Blocks.Blocks.Any(block => block.Meta.Compaction.Level > 1);

    private void AssertWhole(string name, long lastRound)
    {
        // Its data directory is below that of the fixture, which removes both.
        using var copy = new OpenedCopy(Path.Combine(_storage.Directory, SnapshotWriter.FolderName, name));
        if (lastRound == 0)
        {
            return;
        }

        var series = Assert.Single(copy.Storage.Select("a"));
        Assert.True(series.TimestampsMs.Length >= lastRound, $"{series.TimestampsMs.Length} samples, though {lastRound} were acknowledged");
        for (var i = 0; i < series.TimestampsMs.Length; i++)
        {
            Assert.Equal(((i + 1) * StepMs, i + 1d), (series.TimestampsMs[i], series.Values[i]));
        }
    }

    private sealed class OpenedCopy(string directory) : IDisposable
    {
        public StorageFixture Storage { get; } = new(options => options with { RetentionTime = TimeSpan.Zero }, directory: directory);

        public void Dispose() => Storage.Storage.Dispose();
    }
}
