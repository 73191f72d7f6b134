using System.Diagnostics;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>
/// Whether the machine ran while something was measured. A thread of this process wakes all the time and notes when it was woken much too late: then nothing else
/// of this machine ran either, or the recorders in this process did not, and what ticks were missed meanwhile says nothing of the nodes.
/// </summary>
internal static class Machine
{
    /// <summary>A machine that stands still again and again is too slow for these tests, and the last failure is told.</summary>
    private const int Attempts = 4;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    /// <summary>Load wakes a thread too late, too, but not by so much.</summary>
    private static readonly TimeSpan Standstill = TimeSpan.FromMilliseconds(300);
    private static readonly Lock Guard = new();
    private static readonly List<(long From, long To)> Stood = [];

    static Machine() => new Thread(Watch) { IsBackground = true, Name = "machine watch" }.Start();

    /// <summary>
    /// A verdict that hangs on time. A failure counts only when the machine ran all the time; else the scenario is judged anew, so that it must begin with
    /// a state of its own making.
    /// </summary>
    public static async Task JudgeAsync(Func<Task> scenario)
    {
        for (var attempt = 1; ; attempt++)
        {
            var from = Stopwatch.GetTimestamp();
            try
            {
                await scenario();
                return;
            }
            catch (Exception e) when (attempt < Attempts && LongestStandstill(from) is var stood && stood > TimeSpan.Zero)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"judged anew: the machine stood still for {stood.TotalSeconds:0.0} s; attempt {attempt}: {e.Message}");
            }
        }
    }

    private static TimeSpan LongestStandstill(long from)
    {
        lock (Guard)
        {
            return Stood.Where(one => one.To > from).Select(one => Stopwatch.GetElapsedTime(one.From, one.To)).DefaultIfEmpty().Max();
        }
    }

    private static void Watch()
    {
        var last = Stopwatch.GetTimestamp();
        while (true)
        {
            Thread.Sleep(Beat);
            var now = Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(last, now) > Beat + Standstill)
            {
                lock (Guard)
                {
                    Stood.Add((last, now));
                }
            }

            last = now;
        }
    }
}
