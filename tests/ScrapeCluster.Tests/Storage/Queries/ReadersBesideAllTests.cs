using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing;
using ScrapeCluster.Testing.Storage;
using ScrapeCluster.Tests.Storage.Faults;

namespace ScrapeCluster.Tests.Storage.Queries;

/// <summary>A short run; a long one is <c>dotnet run -c Release --project bench/ScrapeCluster.Benchmarks -- readers SECONDS</c>.</summary>
public sealed class ReadersBesideAllTests
{
    private const int Batches = 400;
    private const int LeastQuestions = 20;

    /// <summary>Chunks are closed every twelve, and several times then.</summary>
    private const int BatchesPerFlush = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task RandomQuestions_BesideAllMaintenance_AreAnsweredRight()
    {
        using var storage = new StorageFixture(options => BusyDirectory.Options(options.Path, WalSyncPolicy.Segment), directory: BusyTemplate.NewFolder());
        var run = new ReadersBesideAll(storage.Storage, storage.Options.RetentionTime, 0, seed: Environment.TickCount);
        var fault = await OwnThread.Run(() => run.Run(readers: 2, () => IsEnough(run)));

        Assert.Null(fault);
        Assert.True(run.Questions > LeastQuestions, $"{run.Questions} questions");
        Assert.True(run.Upkeep is { Compactions: > 20, Checkpoints: > 5, Cuts: > 20, Flushes: > 20 }, "all of maintenance ran");
        storage.Reopen();
        Assert.Null(StoredBatches.Check(storage.Storage, storage.Options.RetentionTime, Batches, new HashSet<long>(), out _));
    }

    /// <summary>A thread that is off its core for long is waited for: all the others together need no longer than one of its pauses.</summary>
    private static bool IsEnough(ReadersBesideAll run)
    {
        if (run.Upkeep.Flushes < (run.Next / BatchesPerFlush) - 1)
        {
            run.Upkeep.Wait();
        }

        if (run.Next < Batches)
        {
            return false;
        }

        SpinWait.SpinUntil(() => run.Questions > LeastQuestions, Patience);
        return true;
    }
}
