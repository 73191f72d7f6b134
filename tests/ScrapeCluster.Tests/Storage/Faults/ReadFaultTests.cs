using System.Security.Cryptography;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Agent;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.Tests.Storage.Faults;

/// <summary>
/// The disk does not give what a file holds (EIO) when a directory is opened: that is no damage. It is told with file and offset, nothing is mended, cut or
/// deleted for it, and when the disk is well again all is there.
/// </summary>
public sealed class ReadFaultTests(BusyTemplate template) : IClassFixture<BusyTemplate>
{
    [Theory]
    [InlineData("/wal/0", false)]
    [InlineData("/wal/0", true)]
    [InlineData("/wal/checkpoint.", false)]
    [InlineData("/wal/series_refs", false)]
    [InlineData("/chunks_head/", false)]
    public void Open_LogOrChunkFileCannotBeRead_SaysWhereAndTouchesNothing(string kind, bool isDamagedToo)
    {
        var directory = template.Copy();
        if (isDamagedToo)
        {
            Damage(BusyTemplate.FilesOf(directory).First(file => $"/{file}".Contains(kind, StringComparison.Ordinal)), directory);
        }

        var before = Contents(directory);
        var last = BusyTemplate.FilesOf(directory).Select(file => Path.Combine(directory, file)).Last(path => path.Contains(kind, StringComparison.Ordinal) && !path.EndsWith(".pid", StringComparison.Ordinal));
        var disk = new FaultyDisk { Fault = (call, path) => call == FaultyDisk.Call.Read && path == last ? FaultyDisk.Broken(path) : null };
        var options = BusyDirectory.Options(directory, WalSyncPolicy.Segment);
        Assert.True(LocalStorage.TryOpen(options, new MetricsRegistry(), new LogLines(), TimeProvider.System, out var failing, out _));
        using (failing)
        {
            var fault = failing.ReplayWith(disk, TestContext.Current.CancellationToken);
            Assert.Contains($"{last} cannot be read at offset 0: Input/output error", fault, StringComparison.Ordinal);
        }

        // Chunk files of which all is in blocks go before the last of these files is read.
        var after = Contents(directory);
        Assert.All(
            before.Where(file => kind != "/wal/series_refs" || !file.Key.StartsWith("chunks_head/", StringComparison.Ordinal)),
            file => Assert.Equal(file.Value, after.GetValueOrDefault(file.Key)));

        using var storage = new StorageFixture(_ => options, directory: directory);
        Assert.InRange(SamplesOf(storage), isDamagedToo ? 1 : AllSamples, AllSamples);
    }

    [Theory]
    [InlineData("/index")]
    [InlineData("/chunks/")]
    [InlineData("/meta.json")]
    [InlineData("/tombstones")]
    public void Open_BlockCannotBeRead_IsLeftOutUntilItCan(string kind)
    {
        var directory = template.Copy();
        var before = Contents(directory);
        var file = BusyTemplate.FilesOf(directory).Select(file => Path.Combine(directory, file)).First(path => path.Contains(kind, StringComparison.Ordinal));
        var disk = new FaultyDisk { Fault = (call, path) => call == FaultyDisk.Call.Read && path == file ? FaultyDisk.Broken(path) : null };

        using var storage = new StorageFixture(options => BusyDirectory.Options(options.Path, WalSyncPolicy.Segment), disk, directory);
        Assert.Contains(storage.Log.Complaints, line => line.Contains($"{file} cannot be read at offset 0: Input/output error", StringComparison.Ordinal));
        Assert.InRange(SamplesOf(storage), 1, AllSamples - 1);
        var upkeep = new StorageUpkeep(storage.Storage);
        for (var tick = 0; tick < 3; tick++)
        {
            upkeep.Settle();
        }

        Assert.Single(storage.Log.Complaints);
        var folder = Path.GetRelativePath(directory, file).Split('/')[0];
        var after = Contents(directory);
        Assert.All(before.Where(one => one.Key.StartsWith(folder, StringComparison.Ordinal)), one => Assert.Equal(one.Value, after.GetValueOrDefault(one.Key)));

        disk.Fault = null;
        upkeep.Settle();
        Assert.Equal(AllSamples, SamplesOf(storage));
        Assert.Empty(storage.Storage.Blocks.Bad);
        Assert.Empty(upkeep.Failures);
    }

    [Fact]
    public void Checkpoint_SegmentCannotBeRead_LeavesTheLogAsItIs()
    {
        var disk = new FaultyDisk();
        using var storage = new StorageFixture(options => options with { Wal = new WalOptions(SegmentSize: WalFormat.PageSize) }, disk);
        storage.Append("a", 1000, 1);
        for (var second = 2; second < 8; second++)
        {
            storage.Storage.Writer.TruncateBefore(0);
            while (storage.Storage.Writer.ContinueTruncation())
            {
            }

            var segment = WalFormat.SegmentPath(storage.Storage.WalDirectory, 0);
            disk.Fault = (call, path) => call == FaultyDisk.Call.Read && path == segment ? FaultyDisk.Broken(path) : null;
            if (storage.Storage.Writer.BeginCheckpoint(CancellationToken.None) is { } checkpoint)
            {
                var failure = Assert.ThrowsAny<IOException>(() => checkpoint.GetAwaiter().GetResult());
                Assert.Contains($"{segment} cannot be read at offset 0", failure.Message, StringComparison.Ordinal);
                storage.Storage.Writer.FailCheckpoint(failure);
            }

            disk.Fault = null;
            Assert.Null(storage.Append("a", second * 1000, second).Error);
        }

        Assert.Null(WalFormat.LastCheckpoint(storage.Storage.WalDirectory));
        Assert.Equal(0, storage.Storage.Corruptions);
        storage.Reopen();
        Assert.Equal(7, Assert.Single(storage.Select("a")).Values.Length);
    }

    [Fact]
    public void Open_AgentsLogCannotBeRead_SaysWhereAndTouchesNothing()
    {
        var directory = BusyTemplate.NewFolder();
        using var agent = new Agent.AgentFixture(directory: directory);
        agent.Append("a", agent.NowMs, 1);
        agent.Storage.Dispose();
        var before = Contents(directory);
        var disk = new FaultyDisk { Fault = static (call, path) => call == FaultyDisk.Call.Read ? FaultyDisk.Broken(path) : null };

        Assert.True(AgentStorage.TryOpen(agent.Options, new MetricsRegistry(), new LogLines(), TimeProvider.System, out var failing, out _));
        using (failing)
        {
            Assert.Contains($"{WalFormat.SegmentPath(agent.Storage.WalDirectory, 0)} cannot be read at offset 0: ", failing.ReplayWith(disk), StringComparison.Ordinal);
        }

        Assert.Equal(before, Contents(directory));
        agent.Reopen();
        Assert.Single(agent.Log());
    }

    /// <summary>A folder whose name leads to itself stands for one that the disk does not show: it is not the same as none.</summary>
    [Theory]
    [InlineData("wal")]
    [InlineData("chunks_head")]
    public void Open_FolderCannotBeLookedInto_IsNotTakenForAnEmptyOne(string folder)
    {
        var directory = BusyTemplate.NewFolder();
        try
        {
            var path = Path.Combine(directory, folder);
            File.CreateSymbolicLink(path, path);
            Assert.True(LocalStorage.TryOpen(new StorageOptions(directory), new MetricsRegistry(), new LogLines(), TimeProvider.System, out var storage, out _));
            using (storage)
            {
                Assert.Contains(path, storage.Replay(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static int AllSamples { get; } = Enumerable.Range(0, (int)BusyTemplate.Batches).Sum(batch => NumberedBatches.Samples(batch).Count());

    private static int SamplesOf(StorageFixture storage) => storage.Storage.Query.Select([], long.MinValue, long.MaxValue).Sum(series => series.Values.Length);

    private static void Damage(string file, string directory)
    {
        var path = Path.Combine(directory, file);
        var bytes = File.ReadAllBytes(path);
        bytes[Array.FindLastIndex(bytes, value => value != 0) / 2] ^= 4;
        File.WriteAllBytes(path, bytes);
    }

    private static Dictionary<string, string> Contents(string directory) =>
        BusyTemplate.FilesOf(directory).ToDictionary(file => file, file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(directory, file)))));
}
