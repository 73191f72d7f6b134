using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.SystemTests.Durability;

/// <summary>
/// kill -9, again and again, at random moments and at random steps on the disk of every stage. A process writes three directories, each busy with all that a
/// directory is ever busy with, so that one kill, most of whose cost is the start of the next process, takes three of them at three different places. Each
/// life opens what the last one left and looks for every batch that was acknowledged in any life before it; at the end the programs of the field read it.
/// SCRAPECLUSTER_KILLS = a number of processes, for a long run.
/// </summary>
public sealed class StorageKillTests(ITestOutputHelper output)
{
    private const int Directories = 3;
    private const int LeastOfAStage = 6;

    /// <summary>Every stage comes again and again: only a machine that stands still lets this pass.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private static readonly int _kills = int.TryParse(Environment.GetEnvironmentVariable("SCRAPECLUSTER_KILLS"), out var kills) ? kills : 70;

    [Fact]
    public async Task KilledAtEveryStage_LosesNothingAndAlwaysOpens()
    {
        Tools.Require("promtool", "prometheus");
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var folder = new TestFolder(inMemory: true);
        KilledDirectory[] directories = [.. Enumerable.Range(0, Directories).Select(i => new KilledDirectory(folder.Sub($"data{i}"), random))];
        var kills = KilledDirectory.Stages.ToDictionary(stage => stage.Name, _ => 0);
        var spare = new WriterProcess();
        for (var life = 0; life < _kills; life++)
        {
            await using var writer = spare;
            spare = new WriterProcess();
            var chosen = directories[life % Directories];
            Array.ForEach(directories, directory => directory.Stage = KilledDirectory.Stages[^1]);
            chosen.Stage = KilledDirectory.Stages[life % KilledDirectory.Stages.Length];
            var isByParent = chosen.Stage.Name == KilledDirectory.Anywhere;
            var fault = await writer.LiveAsync(directories, isByParent ? TimeSpan.FromMilliseconds(random.Next(20, 600)) : _patience);

            Assert.True(fault is null, $"seed {seed}, life {life}: {fault}; {string.Join("; ", directories.Select(directory => directory.Job))}");
            kills[chosen.Killed is null ? KilledDirectory.Anywhere : chosen.Stage.Name]++;
            kills[KilledDirectory.Anywhere] += Directories - 1;
            Array.ForEach(directories, directory => directory.End());
        }

        await spare.DisposeAsync();
        output.WriteLine($"seed {seed}; kills: {string.Join(", ", kills.Select(one => $"{one.Key} {one.Value}"))}; batches: {directories.Sum(directory => directory.Next)}");
        Assert.True(kills.Values.Sum() >= 200, "kills and reopens");
        Assert.All(kills, stage => Assert.True(stage.Value >= LeastOfAStage, $"seed {seed}: {stage.Value} kills at {stage.Key}"));
        foreach (var directory in directories)
        {
            var samples = Check(directory);
            Assert.Equal(samples, (await Tools.DumpAsync(directory.Path)).Count);
            var (exitCode, _, errors) = await Tools.RunAsync("promtool", "tsdb", "list", directory.Path);
            Assert.Equal((0, ""), (exitCode, errors));
        }

        await StockPrometheus.AssertOpensAsync(folder, directories[0].Path);
    }

    /// <summary>Opens the directory a last time, and ends in order.</summary>
    private static int Check(KilledDirectory directory)
    {
        // What remote write owes stays: the programs of the field are to open it.
        var options = BusyDirectory.Options(directory.Path, WalSyncPolicy.Segment) with { Owed = OwedLog.AwaitingQueues() };
        Assert.True(LocalStorage.TryOpen(options, new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out var storage, out var fault), fault);
        using (storage)
        {
            Assert.Null(storage.Replay(TestContext.Current.CancellationToken));
            Assert.Null(StoredBatches.Check(storage, options.RetentionTime, directory.Next, directory.Uncertain, out var samples));
            Assert.All(storage.Blocks.Blocks, block => Assert.Empty(BlockCheck.Run(block.Folder, TestContext.Current.CancellationToken)));
            Assert.Equal(samples, storage.Query.Select([]).Sum(series => series.Values.Length));
            return samples;
        }
    }
}
