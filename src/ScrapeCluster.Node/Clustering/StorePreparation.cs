using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Node.Clustering;

/// <summary>
/// Brings the store's tables to this version as soon as the store answers: the node is alive meanwhile, and scrapes what it had when it ran last.
/// </summary>
internal sealed class StorePreparation(Func<CancellationToken, Task> prepare, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LogWindow = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource _firstTried = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the store is ready, or was found not to answer.</summary>
    public Task FirstTried => _firstTried.Task;

    /// <summary>Ends when the store is ready, or by the token.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var wait = FirstWait;
        long? saidAt = null;
        while (await FaultAsync(cancellation) is { } fault)
        {
            if (saidAt is not { } before || time.GetElapsedTime(before) >= LogWindow)
            {
                saidAt = time.GetTimestamp();
                log.StoreWaits(fault);
            }

            await Task.Delay(wait, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }

        if (saidAt is not null && !cancellation.IsCancellationRequested)
        {
            log.StoreFound(time.GetElapsedTime(start));
        }
    }

    private async Task<string?> FaultAsync(CancellationToken cancellation)
    {
        try
        {
            await prepare(cancellation);
            return null;
        }
        catch (StoreUnavailableException fault)
        {
            return fault.Message;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            _firstTried.TrySetResult();
        }
    }
}
