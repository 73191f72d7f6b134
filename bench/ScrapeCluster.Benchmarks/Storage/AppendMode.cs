using System.Diagnostics;

namespace ScrapeCluster.Benchmarks.Storage;

/// <summary>
/// What <see cref="AppendBenchmarks"/> measures by the clock, by the process's CPU time too, which others on the machine disturb less: run with
/// <c>append [rounds]</c>, a round being 100 batches of 1,000 samples.
/// </summary>
internal static class AppendMode
{
    private const int BatchesPerRound = 100;
    private const int SamplesPerBatch = 1000;

    public static void Run(int rounds)
    {
        Measure("head alone", static bench => bench.HeadOnly(), rounds);
        Measure("head and log", static bench => bench.HeadAndLog(), rounds);
    }

    private static void Measure(string name, Action<AppendBenchmarks> append, int rounds)
    {
        var bench = new AppendBenchmarks();
        bench.Setup();
        try
        {
            Append(rounds / 10);
            var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            Append(rounds);
            var (seconds, cpuSeconds) = (clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
            var samples = (double)rounds * BatchesPerRound * SamplesPerBatch;
            Console.WriteLine($"{name}: {samples / cpuSeconds / 1e6:F1} M samples a second of CPU, {samples / seconds / 1e6:F1} M by the clock");
        }
        finally
        {
            bench.Cleanup();
        }

        void Append(int count)
        {
            for (var i = 0; i < count * BatchesPerRound; i++)
            {
                append(bench);
            }
        }
    }
}
