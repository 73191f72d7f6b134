using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.Benchmarks.Storage;

/// <summary>
/// <c>-- readers [SECONDS] [SEED]</c>: no measurement but a search for faults, minutes long: random readers beside a writer and all maintenance
/// (<see cref="ReadersBesideAll"/>), with an orderly end and another beginning every few seconds. Ends with 1 at the first wrong answer.
/// </summary>
internal static class ReadersMode
{
    private const int Readers = 4;

    private static readonly TimeSpan _life = TimeSpan.FromSeconds(5);

    public static int Run(int seconds, int seed)
    {
        var directory = Directory.CreateTempSubdirectory("readers-").FullName;
        try
        {
            return Run(directory, TimeSpan.FromSeconds(seconds), seed);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static int Run(string directory, TimeSpan length, int seed)
    {
        var watch = Stopwatch.StartNew();
        var (next, questions, samples, compactions, cuts) = (0L, 0L, 0L, 0, 0);
        for (var life = 0; watch.Elapsed < length; life++)
        {
            var options = BusyDirectory.Options(directory, (WalSyncPolicy)(life % 3));
            if (!LocalStorage.TryOpen(options, new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out var storage, out var fault))
            {
                return Fail(fault);
            }

            using (storage)
            {
                fault = storage.Replay() ?? StoredBatches.Check(storage, options.RetentionTime, next, new HashSet<long>(), out _);
                var run = new ReadersBesideAll(storage, options.RetentionTime, next, seed + (life * Readers));
                var end = watch.Elapsed + _life;
                fault ??= run.Run(Readers, () => watch.Elapsed > end);
                if (fault is not null)
                {
                    return Fail(fault);
                }

                next = run.Next;
                questions += run.Questions;
                samples += run.SamplesSeen;
                compactions += run.Upkeep.Compactions;
                cuts += run.Upkeep.Cuts;
            }
        }

        var cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalMinutes;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{next} batches, {questions} questions, {samples} samples answered, {compactions} compactions, {cuts} cuts of the head, {cpu:F1} CPU minutes: nothing found"));
        return 0;

        int Fail(string fault)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, after {watch.Elapsed}: {fault}"));
            return 1;
        }
    }
}
