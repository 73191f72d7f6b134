using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Following;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.Queues.Sharding;
using ScrapeCluster.RemoteWrite.StandIns;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>
/// One receiver's queue: the follower's thread, one buffer and one sending task a shard. It starts when made, where its journal says, and ends by
/// <see cref="StopAsync"/>; nothing of it is shared with other queues or with the log's writer, so a hanging receiver holds up
/// only its own queue.
/// </summary>
internal sealed class RemoteWriteQueue : IDisposable
{
    private readonly SwappedClient _client;
    private readonly QueueMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly WalPublication _published;
    private readonly ReadLimit _limit;
    private readonly QueueEnding _ending = new();
    private readonly QueueGate _gate;
    private readonly ShardSets _shards;
    private readonly WalFollower _follower;
    private readonly TaskCompletionSource _followed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _metadata = Task.CompletedTask;
    private readonly Task _resharding;

    /// <summary>Ends metadata and resharding.</summary>
    private readonly CancellationTokenSource _endBeside = new();

    public RemoteWriteQueue(
        RemoteWriteConfig config,
        SentSeries series,
        string walDirectory,
        WalPublication published,
        PositionJournal journal,
        ReadLimit limit,
        QueueGate gate,
        SwappedClient client,
        QueueMetrics metrics,
        Func<IEnumerable<MetadataEntry>>? metadata,
        AppendedSamples appended,
        NewsInbox? news,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        _client = client;
        _published = published;
        _limit = limit;
        _gate = gate;
        _metrics = metrics;
        _time = time;
        var queue = config.Queue;
        var work = new QueueWork();
        var permit = new ReshardPermit();
        var shardLogger = loggers.CreateLogger<Shard>();
        Shard Open(ShardPositions positions, int number, ShardBuffer buffer) =>
            new(number, positions, journal, buffer, client, queue, _ending, work, permit, metrics, time, shardLogger);
        ShardSet Start(ShardPositions positions, ShardStart[] starts) => ShardSet.Start(positions, starts, queue.Capacity, queue.MaxSamplesPerSend, Open);

        _shards = new ShardSets(Start, queue, journal, _ending, metrics, loggers.CreateLogger<ShardSets>());
        if (metadata is not null && config.Metadata.Send)
        {
            var sender = new MetadataSender(config, metadata, client, metrics, time, loggers.CreateLogger<MetadataSender>());
            _metadata = Task.Run(() => BesideAsync(sender.RunAsync), CancellationToken.None);
        }

        gate.Enter(Purge);
        var rule = new ShardCount(Math.Max(1, queue.MinShards), queue.MaxShards);
        var resharder = new Resharder(rule, work, permit, appended, metrics, () => _shards.Count, _shards.Want, time);
        _resharding = Task.Run(() => BesideAsync(resharder.RunAsync), CancellationToken.None);
        var sink = new SampleSink(series, queue, _ending, gate, work, metrics, time);
        var speaker = news is null ? null : new ReplicaSpeaker(news, series.Replicas!, sink, gate, walDirectory, published, metrics, time);
        sink.WhileWaiting = speaker is null ? null : speaker.Listen;
        _follower = new WalFollower(
            walDirectory, published, limit, series, sink, _shards, journal, _ending, gate, metrics, speaker, loggers.CreateLogger<WalFollower>());
        _ending.GivenUp.Register(Wake);
        new Thread(Follow) { IsBackground = true, Name = "remote-write" }.Start();
    }

    /// <summary>Ends early, and in a failed state, only by a bug.</summary>
    public Task Ended => Task.WhenAll(_followed.Task, _metadata, _resharding);

    /// <summary>From the next record on, with so many shards.</summary>
    public void Reshard(int count) => _shards.Want(count);

    /// <summary>
    /// Sends everything of the log before <paramref name="end"/>, whatever the batch deadline, for as long as
    /// <paramref name="deadline"/> allows. True when nothing was left.
    /// </summary>
    /// <param name="left">What becomes of the rest.</param>
    public async Task<bool> StopAsync(WalPosition end, TimeSpan deadline, UnsentRest left)
    {
        _endBeside.Cancel();
        _limit.EndAt(end);
        ChangeRest(left);
        _published.Wake();
        using var timer = _time.CreateTimer(_ => _ending.Abort(), null, deadline, Timeout.InfiniteTimeSpan);
        await Ended;
        _metrics.Shards.Set(0);
        return !_ending.GivenUp.IsCancellationRequested;
    }

    /// <summary>While it stops: another fate for what is not sent in time.</summary>
    public void ChangeRest(UnsentRest left)
    {
        _ending.DropsRest = left == UnsentRest.Dropped;
        if (left == UnsentRest.PassedOn)
        {
            _ending.PassOn();
        }
    }

    /// <summary>Without waiting: for a queue that nobody stopped.</summary>
    public void Dispose()
    {
        _endBeside.Cancel();
        _ending.Abort();
        _ = Ended.ContinueWith(_ => _client.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Others have scraped what is in memory here, too.</summary>
    private void Purge(long fromMs)
    {
        var purged = _shards.Current.Purge(fromMs);
        _metrics.Dropped(DropReason.TakenOver, purged);
        _metrics.Pending.Add(-purged);
    }

    /// <summary>A bug in it ends the queue, which is then made anew.</summary>
    private async Task BesideAsync(Func<CancellationToken, Task> run)
    {
        try
        {
            await run(_endBeside.Token);
        }
        catch
        {
            _ending.Abort();
            throw;
        }
    }

    private void Wake()
    {
        _published.Wake();
        _shards.Current.Wake();
    }

    private void Follow()
    {
        try
        {
            _follower.Run();
            if (_limit.End is { } end && !_ending.GivenUp.IsCancellationRequested)
            {
                _gate.Pushed(end);
            }

            _followed.SetResult();
        }
        catch (Exception bug)
        {
            _followed.SetException(bug);
        }
        finally
        {
            _endBeside.Cancel();
        }
    }
}

/// <summary>What becomes of what a queue has not sent when it ends.</summary>
public enum UnsentRest
{
    /// <summary>It is sent after the next start.</summary>
    Owed,

    /// <summary>A successor sends it, as soon as this queue has ended; so it ends early when the receiver fails.</summary>
    PassedOn,

    /// <summary>The queue is not in the configuration any more: nobody sends it.</summary>
    Dropped,
}
