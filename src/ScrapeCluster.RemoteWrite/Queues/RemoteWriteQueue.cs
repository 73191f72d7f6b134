using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Following;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>
/// One receiver's queue: the follower's thread, one buffer and one sending task a shard. It starts when made and ends by
/// <see cref="StopAsync"/>; nothing of it is shared with other queues or with the log's writer, so a hanging receiver holds up
/// only its own queue.
/// </summary>
internal sealed class RemoteWriteQueue : IDisposable
{
    private readonly IWriteClient _client;
    private readonly QueueMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly WalPublication _published;
    private readonly ReadLimit _limit;
    private readonly WalFollower _follower;
    private readonly ShardBuffer[] _buffers;
    private readonly Task _sending;
    private readonly TaskCompletionSource _followed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _metadata = Task.CompletedTask;
    private readonly CancellationTokenSource _endMetadata = new();
    private readonly CancellationTokenSource _abort = new();

    public RemoteWriteQueue(
        RemoteWriteConfig config,
        SentSeries series,
        string walDirectory,
        WalPublication published,
        WalPosition start,
        ReadLimit limit,
        IWriteClient client,
        QueueMetrics metrics,
        Func<IEnumerable<MetadataEntry>>? metadata,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        _client = client;
        _published = published;
        _limit = limit;
        _metrics = metrics;
        _time = time;
        _buffers = new ShardBuffer[Math.Max(1, config.Queue.MinShards)];
        var running = new Task[_buffers.Length];
        for (var i = 0; i < _buffers.Length; i++)
        {
            _buffers[i] = new ShardBuffer(config.Queue.Capacity, config.Queue.MaxSamplesPerSend);
            var shard = new Shard(_buffers[i], client, config.Queue, metrics, time, loggers.CreateLogger<Shard>());
            running[i] = Task.Run(() => shard.RunAsync(_abort.Token), CancellationToken.None);
        }

        _sending = Task.WhenAll(running);
        if (metadata is not null && config.Metadata.Send)
        {
            var sender = new MetadataSender(config, metadata, client, metrics, time, loggers.CreateLogger<MetadataSender>());
            _metadata = Task.Run(() => sender.RunAsync(_endMetadata.Token), CancellationToken.None);
        }

        metrics.Shards.Set(_buffers.Length);
        _follower = new WalFollower(walDirectory, published, start, limit, series, _buffers, metrics, loggers.CreateLogger<WalFollower>());
        new Thread(Follow) { IsBackground = true, Name = "remote-write" }.Start();
    }

    /// <summary>Ends early, and in a failed state, only by a bug.</summary>
    public Task Ended => Task.WhenAll(_followed.Task, _sending, _metadata);

    /// <summary>
    /// Sends everything of the log before <paramref name="end"/>, whatever the batch deadline, for as long as
    /// <paramref name="deadline"/> allows; drops and counts the rest. True when nothing had to be dropped.
    /// </summary>
    public async Task<bool> StopAsync(WalPosition end, TimeSpan deadline)
    {
        _endMetadata.Cancel();
        _limit.EndAt(end);
        _published.Wake();
        using var timer = _time.CreateTimer(_ => Abort(), null, deadline, Timeout.InfiniteTimeSpan);
        await Ended;
        _metrics.Shards.Set(0);
        return !_abort.IsCancellationRequested;
    }

    /// <summary>Without waiting: for a queue that nobody stopped.</summary>
    public void Dispose()
    {
        Abort();
        _ = Ended.ContinueWith(_ => _client.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Abort()
    {
        _endMetadata.Cancel();
        _abort.Cancel();
        _follower.Abort();
    }

    private void Follow()
    {
        try
        {
            _follower.Run();
            _followed.SetResult();
        }
        catch (Exception bug)
        {
            _followed.SetException(bug);
        }
        finally
        {
            foreach (var buffer in _buffers)
            {
                buffer.Complete();
            }
        }
    }
}
