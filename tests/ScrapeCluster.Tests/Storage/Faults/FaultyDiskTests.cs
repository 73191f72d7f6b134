using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.Tests.Storage.Faults;

/// <summary>
/// The disk fails for a while at one kind of write, and everything else goes on: nothing that was acknowledged is lost, not even from sight, the log says what
/// fails and where, and when the disk is well again all that had to wait is done.
/// </summary>
public sealed class FaultyDiskTests
{
    private const int Before = 30;
    private const int During = 48;
    private const int After = 42;

    /// <summary>So many ticks at most a failed compaction rests.</summary>
    private const int LongestRest = 10;

    /// <summary>The first of the name is the part of a path that fails, with the call; "*" is all.</summary>
    public static TheoryData<string, string, string> Faults => new()
    {
        { "/wal/0", "Write", "NoSpace" },
        { "/wal/0", "Create", "NoSpace" },
        { "/wal/0", "Create", "Broken" },
        { "/wal/0", "Write", "Broken" },
        { "/wal/0", "Delete", "Broken" },
        { "/checkpoint.", "Create", "NoSpace" },
        { "/checkpoint.", "Write", "NoSpace" },
        { "/checkpoint.", "Flush", "Broken" },
        { "/checkpoint.", "Move", "Broken" },
        { "/checkpoint.", "Delete", "Broken" },
        { "/chunks_head/", "Create", "NoSpace" },
        { "/chunks_head/", "Write", "NoSpace" },
        { "/chunks_head/", "Write", "Broken" },
        { "/chunks_head/", "Delete", "Broken" },
        { ".tmp-for-creation", "Create", "NoSpace" },
        { ".tmp-for-creation/chunks/", "Write", "NoSpace" },
        { ".tmp-for-creation/index", "Write", "Broken" },
        { ".tmp-for-creation/meta.json", "Write", "NoSpace" },
        { ".tmp-for-creation", "Flush", "Broken" },
        { ".tmp-for-creation", "Move", "Broken" },
        { ".tmp-for-creation", "Delete", "Broken" },
        { ".tmp-for-deletion", "Delete", "Broken" },
        { "/01", "Move", "Broken" },
        { "", "Create", "NoSpace" },
        { "", "Write", "NoSpace" },
        { "*", "*", "Broken" },
        { "*", "*", "ReadOnly" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void FailsForAWhile_LosesNothingSaysWhatAndRecovers(string path, string call, string error)
    {
        var disk = new FaultyDisk();
        using var storage = new StorageFixture(options => BusyDirectory.Options(options.Path, WalSyncPolicy.Segment), disk, BusyTemplate.NewFolder());
        var upkeep = new StorageUpkeep(storage.Storage);
        var stored = new SortedSet<long>();
        Append(Before, mayFail: false);
        Assert.Empty(storage.Log.Complaints);

        disk.Fault = (called, at) => (call == "*" ? called != FaultyDisk.Call.Read : called.ToString() == call) && (path == "*" || at.Contains(path, StringComparison.Ordinal)) ? Failure(error, at) : null;
        Append(During, mayFail: true);
        Assert.True(disk.Failed > 0, "nothing has failed");
        Assert.Contains(storage.Log.Complaints, line => line.Contains(Failure(error, "").Message.Split(" :")[0], StringComparison.Ordinal) && line.Contains(storage.Directory, StringComparison.Ordinal));
        disk.Fault = null;

        var failures = upkeep.Failures.Count;
        for (var tick = 0; tick < LongestRest; tick++)
        {
            upkeep.Settle();
        }

        Append(After, mayFail: false);
        Assert.Empty(upkeep.Failures.Skip(failures));
        Assert.Equal(0, storage.Storage.Head.WaitingForFlush);
        Assert.InRange(storage.Storage.Head.MaxTimeMs - storage.Storage.Head.MinTimeMs, 0, 20 * NumberedBatches.StepMs);
        Assert.Contains(storage.Storage.Blocks.Blocks, block => block.Meta.Compaction.Level > 1);

        upkeep = null;
        storage.Log.Clear();
        storage.Reopen();
        Check();
        Assert.Equal(0, storage.Storage.Corruptions);
        Assert.Equal(0, storage.Storage.ChunkCorruptions);
        Assert.Empty(storage.Log.Complaints);

        void Append(int count, bool mayFail)
        {
            var first = stored.Max + 1;
            for (var batch = first; batch < first + count; batch++)
            {
                var number = batch;
                var result = storage.Append(sent => NumberedBatches.Fill(sent, number));
                if (result.Error is null)
                {
                    stored.Add(batch);
                }
                else
                {
                    Assert.True(mayFail, result.Error);
                    Assert.Contains(storage.Directory, result.Error, StringComparison.Ordinal);
                }

                if (batch % 6 == 0)
                {
                    upkeep!.Settle();
                    Check();
                }
            }
        }

        void Check()
        {
            var found = storage.Select("{job=\"numbered\"}");
            Assert.Equal(stored.Sum(NumberedBatches.CountOf), found.Sum(series => series.Values.Length));
            foreach (var series in found)
            {
                var of = NumberedBatches.SeriesOf(series.Labels);
                for (var i = 0; i < series.Values.Length; i++)
                {
                    Assert.True(NumberedBatches.TryNumber(series.TimestampsMs[i], out var batch) && stored.Contains(batch));
                    Assert.Equal(NumberedBatches.BitsIn(batch, of), BitConverter.DoubleToUInt64Bits(series.Values[i]));
                }
            }
        }
    }

    private static IOException Failure(string error, string path) => error switch
    {
        "NoSpace" => FaultyDisk.NoSpace(path),
        "ReadOnly" => FaultyDisk.ReadOnly(path),
        _ => FaultyDisk.Broken(path),
    };
}
