using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Storage;
using static ScrapeCluster.Tests.Cli.Storage.StoredDirectory;

namespace ScrapeCluster.Tests.Cli.Storage;

/// <summary>A log of which remote write still owes segments that are older than the checkpoint.</summary>
public sealed class OwedSegmentsTests : IDisposable
{
    private readonly StorageFixture _storage;
    private readonly int _old;

    public OwedSegmentsTests()
    {
        var owed = new OwedLog();
        _storage = new StorageFixture(options => options with { Owed = owed, Wal = new WalOptions(SegmentSize: WalFormat.PageSize, Compress: false) });
        owed.Add("queue", _storage.Storage.WalPublished.Position);
        for (var minute = 1; minute <= 12; minute++)
        {
            _storage.Append(batch =>
            {
                batch.TimestampMs = minute * MinuteMs;
                for (var i = 0; i < 100; i++)
                {
                    batch.AddNew(StorageFixture.Series($"s{minute}_{i}_{new string('x', 200)}"), i);
                }
            });
        }

        _storage.Truncate(10 * MinuteMs);
        _storage.Storage.Dispose();
        _old = WalFormat.LastCheckpoint(_storage.Storage.WalDirectory)!.Value + 1;
    }

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void List_TellsThem()
    {
        var (exitCode, data) = RunJson("list", _storage.Directory);
        var log = data.GetProperty("log");

        Assert.Equal(0, exitCode);
        Assert.True(_old > 3);
        Assert.Equal((0, _old), (log.GetProperty("firstSegment").GetInt32(), log.GetProperty("segmentsForRemoteWrite").GetInt32()));
        Assert.Equal(_old * WalFormat.PageSize, log.GetProperty("bytesForRemoteWrite").GetInt64());
        Assert.Contains($"{_old} of these segments", Run("list", _storage.Directory).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ChecksThemToo()
    {
        var whole = Run("verify", _storage.Directory);
        Assert.True(whole.ExitCode == 0, whole.Output + whole.Errors);

        var segment = WalFormat.SegmentPath(_storage.Storage.WalDirectory, 1);
        var bytes = File.ReadAllBytes(segment);
        bytes[100] ^= 1;
        File.WriteAllBytes(segment, bytes);

        var damaged = Run("verify", _storage.Directory);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("wal/00000001", damaged.Output + damaged.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Repair_LeavesThemAlone_ButNotBeforeAGap()
    {
        Assert.Equal((0, "Nothing: the directory is as a start wants it.\n", ""), Run("repair", "--dry-run", _storage.Directory));

        File.Delete(WalFormat.SegmentPath(_storage.Storage.WalDirectory, 1));

        var (_, actions) = RunJson("repair", "--dry-run", _storage.Directory);
        var action = Assert.Single(actions.EnumerateArray());
        Assert.Equal("remove", action.GetProperty("does").GetString());
        Assert.EndsWith("wal/00000000", action.GetProperty("path").GetString(), StringComparison.Ordinal);
    }
}
