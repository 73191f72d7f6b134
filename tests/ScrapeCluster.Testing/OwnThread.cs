namespace ScrapeCluster.Testing;

/// <summary>For work that spins or blocks for as long as a test lasts: on threads of the pool it would keep the actors of tests beside it waiting.</summary>
public static class OwnThread
{
    public static Task Run(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static Task<T> Run<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
