using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.Tests.Storage.Faults;

/// <summary>A directory with a checkpoint, segments, chunk files and blocks of two levels, to be copied and damaged.</summary>
public sealed class BusyTemplate : IDisposable
{
    /// <summary>All below are in it.</summary>
    public const long Batches = 150;

    private readonly StorageFixture _storage = new(options => BusyDirectory.Options(options.Path, WalSyncPolicy.Segment), directory: NewFolder());

    public BusyTemplate()
    {
        var upkeep = new StorageUpkeep(_storage.Storage);
        for (var batch = 0L; batch < Batches; batch++)
        {
            var number = batch;
            Assert.Null(_storage.Append(sent => NumberedBatches.Fill(sent, number)).Error);
            if (batch % 6 == 5)
            {
                upkeep.Settle();
            }
        }

        Assert.Empty(upkeep.Failures);
        HeadMs = _storage.Storage.Blocks.Blocks[^1].EndMs;
        _storage.Storage.Dispose();
    }

    /// <summary>Samples before it are in blocks.</summary>
    public long HeadMs { get; }

    /// <summary>In memory where the system has such a folder: what is written in hours elsewhere, and flushed with it, is written in milliseconds here.</summary>
    public static string NewFolder()
    {
        const string Memory = "/dev/shm";
        return Directory.Exists(Memory)
            ? Directory.CreateDirectory(Path.Combine(Memory, $"storage-test-{Guid.NewGuid():N}")).FullName
            : Directory.CreateTempSubdirectory("storage-test-").FullName;
    }

    /// <summary>A copy, as after an orderly end.</summary>
    public string Copy()
    {
        var target = NewFolder();
        foreach (var file in FilesOf(_storage.Directory))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(target, file))!);
            File.Copy(Path.Combine(_storage.Directory, file), Path.Combine(target, file));
        }

        return target;
    }

    /// <summary>All but the lock, relative.</summary>
    public static IReadOnlyList<string> FilesOf(string directory) =>
    [
        .. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(directory, file))
            .Where(file => !file.StartsWith("lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    public void Dispose() => _storage.Dispose();
}
