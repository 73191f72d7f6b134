using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Opening;

/// <summary>No reference of a series is given twice, whatever the log has forgotten.</summary>
public sealed class SeriesRefReserveTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("series-refs-").FullName;
    private readonly List<StorageFixture> _open = [];

    public void Dispose()
    {
        _open.ForEach(storage => storage.Dispose());
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>Power cuts and kills at random, with series that end, cuts of the head and checkpoints in between.</summary>
    [Fact]
    public void NewRefs_OverPowerCutsAndCheckpoints_AreNeverGivenAgain()
    {
        var random = new Random(7);
        var given = new HashSet<ulong>();
        var directory = Path.Combine(_root, "0");
        Directory.CreateDirectory(directory);
        var next = 0;
        for (var life = 1; life <= 12; life++)
        {
            var files = new PowerCutFiles(directory);
            var storage = Open(directory, files);
            for (var step = 0; step < 15; step++)
            {
                var time = (((long)life * 100) + step) * 60_000;
                foreach (var seriesRef in storage.Append($"s{next++}", time, 1).NewRefs)
                {
                    Assert.True(given.Add(seriesRef), $"reference {seriesRef} was given twice, the second time in life {life}");
                }

                if (step % 5 == 4)
                {
                    CutHead(storage, time - 60_000, files);
                }
            }

            var target = Path.Combine(_root, $"{life}");
            files.Cut(target, (Spared)random.Next(3), random);
            directory = target;
        }
    }

    [Fact]
    public void NewRefs_AfterAnOrderlyEnd_GoOnWithoutAGap()
    {
        var directory = Path.Combine(_root, "orderly");
        Directory.CreateDirectory(directory);
        var storage = Open(directory, DiskFiles.Instance);
        Assert.Equal(1ul, storage.Append("a", 1, 1).NewRefs[0]);
        Assert.Equal(2ul, storage.Append("gone", 1, 1).NewRefs[0]);
        CutHead(storage, long.MaxValue, DiskFiles.Instance);
        storage.Reopen();
        Assert.Equal(0, storage.Storage.Head.SeriesCount);
        Assert.Equal(3ul, storage.Append("b", 2, 1).NewRefs[0]);
    }

    [Fact]
    public void NewRefs_FileDamaged_GoOnFarBehindWhatTheLogKnows()
    {
        var directory = Path.Combine(_root, "damaged");
        Directory.CreateDirectory(directory);
        var storage = Open(directory, DiskFiles.Instance);
        storage.Append("a", 1, 1);
        storage.Storage.Dispose();
        File.WriteAllText(Path.Combine(storage.Storage.WalDirectory, SeriesRefReserve.FileName), "12345678 00000000\n");
        storage.Reopen();
        Assert.Equal(2 + SeriesRefReserve.Step, storage.Append("b", 2, 1).NewRefs[0]);
    }

    [Fact]
    public void Cover_FileCannotBeWritten_RefusesTheBatchAndWorksAgain()
    {
        var files = new RefusingFiles();
        var directory = Path.Combine(_root, "refused");
        Directory.CreateDirectory(directory);
        var storage = Open(directory, files);
        storage.Storage.Head.Refs.Reserve(SeriesRefReserve.Step + 5);
        files.Refuses = true;
        Assert.Contains(SeriesRefReserve.FileName, storage.Append("a", 1, 1).Error);
        files.Refuses = false;
        Assert.Null(storage.Append("a", 2, 1).Error);
        storage.Reopen();
        Assert.Equal([2], Assert.Single(storage.Select("a")).TimestampsMs);
    }

    private StorageFixture Open(string directory, IDataFiles files)
    {
        var storage = new StorageFixture(options => options with { Wal = new WalOptions(SegmentSize: WalFormat.PageSize) }, files, directory);
        _open.Add(storage);
        return storage;
    }

    /// <summary>What the actor does at its ticks, at once.</summary>
    private static void CutHead(StorageFixture storage, long beforeMs, IDataFiles files)
    {
        var writer = storage.Storage.Writer;
        writer.TruncateBefore(beforeMs);
        while (writer.ContinueTruncation())
        {
        }

        var directory = storage.Storage.WalDirectory;
        if (writer.BeginCheckpoint(CancellationToken.None) is { } checkpoint)
        {
            writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }

        var closed = storage.Storage.WalPublished.Position.Segment - 1;
        if (closed > (WalFormat.LastCheckpoint(directory) ?? -1))
        {
            Checkpoint.Write(directory, closed, storage.Storage.Head.Refs.Contains, beforeMs, files, CancellationToken.None);
        }
    }

    private sealed class RefusingFiles : ForwardingFiles
    {
        public bool Refuses { get; set; }

        public override void Move(string from, string to)
        {
            if (Refuses)
            {
                throw new IOException("Input/output error");
            }

            base.Move(from, to);
        }
    }
}
