namespace ScrapeCluster.Node.Reads;

/// <summary>
/// Reading what is stored may wait for a disk and takes its time over many series: on a thread of its own, since the thread pool has as few threads as the
/// machine has cores, and scrapes run on it.
/// </summary>
internal static class ReadThread
{
    public static Task<T> Run<T>(Func<T> read)
    {
        return Task.Factory.StartNew(read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public static Task Run(Action read)
    {
        return Task.Factory.StartNew(read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
