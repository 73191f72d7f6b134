using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Snapshots;
using ScrapeCluster.Tests.Storage.Compaction;

namespace ScrapeCluster.Tests.Storage.Snapshots;

public sealed class SnapshotTests : IDisposable
{
    private const long MinuteMs = 60_000;
    private readonly StorageFixture _storage = new(options => options with { RetentionTime = TimeSpan.Zero });

    public SnapshotTests()
    {
        for (var minute = 1; minute <= 6 * 60; minute++)
        {
            _storage.Append("a", minute * MinuteMs, minute);
            _storage.Append($"s{minute / 100}", minute * MinuteMs, minute);
        }

        var writer = _storage.Storage.Writer;
        writer.EndCompaction(writer.BeginCompaction(TestContext.Current.CancellationToken)!.GetAwaiter().GetResult());
        Assert.True(writer.BeginTruncation());
        while (writer.ContinueTruncation())
        {
        }
    }

    public void Dispose() => _storage.Dispose();

    [Fact]
    public async Task Snapshot_IsADataDirectoryWithTheSameSamples()
    {
        var name = await _storage.Storage.SnapshotAsync(withHead: true, TestContext.Current.CancellationToken);

        Assert.Matches("^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{16}$", name);
        using var copy = Open(name);
        Assert.Equal(2, copy.Storage.Blocks.Blocks.Count);
        Assert.Equal(long.MinValue, copy.Storage.Query.Stats.MaxTimeMs);
        var (expected, found) = (StoredSamples.Of(_storage.Storage), StoredSamples.Of(copy.Storage));
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, series => Assert.Equal(series.Value, found[series.Key]));
    }

    [Fact]
    public async Task Snapshot_WithoutHead_IsLinksToTheBlocks_WhichOutliveThem()
    {
        var name = await _storage.Storage.SnapshotAsync(withHead: false, TestContext.Current.CancellationToken);
        var block = Assert.Single(_storage.Storage.Blocks.Blocks);
        var before = ReadInput.All(new BlockInput(block)).Count();
        _storage.Storage.Blocks.Replace([block], null);

        using var copy = Open(name);
        Assert.Equal(before, ReadInput.All(new BlockInput(Assert.Single(copy.Storage.Blocks.Blocks))).Count());
        Assert.Equal([name], Directory.GetDirectories(Path.Combine(_storage.Directory, SnapshotWriter.FolderName)).Select(Path.GetFileName));
    }

    /// <summary>The data directory of the fixture is below the other's, and goes with it.</summary>
    private StorageFixture Open(string name) =>
        new(options => options with { RetentionTime = TimeSpan.Zero }, directory: Path.Combine(_storage.Directory, SnapshotWriter.FolderName, name));
}
