using System.Runtime.InteropServices;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// Runs one piece of compaction on a thread of its own, behind everything else: the runtime sets no priorities on Linux, so there the thread asks the
/// system to be treated as the less urgent one. Neither is needed for being right, only for scrapes to go first.
/// </summary>
internal static partial class CompactionThread
{
    private const int WhichProcess = 0;

    /// <summary>On Linux a process of 0 is the calling thread (setpriority(2), "C library/kernel differences").</summary>
    private const int CallingThread = 0;

    private const int Niceness = 10;

    public static Task<T> Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            StandBack();
            try
            {
                done.SetResult(work());
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        })
        {
            IsBackground = true,
            Name = "compaction",
            Priority = ThreadPriority.BelowNormal,
        };
        thread.Start();
        return done.Task;
    }

    private static void StandBack()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(WhichProcess, CallingThread, Niceness);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
