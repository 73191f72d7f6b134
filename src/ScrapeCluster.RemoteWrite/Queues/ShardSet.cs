using ScrapeCluster.RemoteWrite.Positions;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>The shards of a queue, from one change of their number to the next.</summary>
internal sealed class ShardSet
{
    private ShardSet(ShardPositions positions, RequestBoundaries boundaries, ShardBuffer[] buffers, object gate)
    {
        Positions = positions;
        Boundaries = boundaries;
        Buffers = buffers;
        Gate = gate;
    }

    /// <summary>Held while samples are added.</summary>
    public object Gate { get; }

    /// <summary>One a shard.</summary>
    public ShardBuffer[] Buffers { get; }

    public ShardPositions Positions { get; }

    public RequestBoundaries Boundaries { get; }

    /// <summary>Ends when all shards have; fails by a bug only.</summary>
    public Task Sending { get; private set; } = Task.CompletedTask;

    /// <param name="open">Makes the shard of a number that empties a buffer.</param>
    public static ShardSet Start(
        ShardPositions positions, ReadOnlySpan<ShardStart> starts, int capacity, int batchSize, Func<ShardPositions, int, ShardBuffer, Shard> open)
    {
        var gate = new object();
        var buffers = new ShardBuffer[starts.Length];
        var running = new Task[starts.Length];
        for (var i = 0; i < buffers.Length; i++)
        {
            buffers[i] = new ShardBuffer(gate, capacity, batchSize, starts[i].Position.HasRequest);
            var shard = open(positions, i, buffers[i]);
            running[i] = Task.Run(shard.RunAsync, CancellationToken.None);
        }

        return new ShardSet(positions, new RequestBoundaries(starts), buffers, gate) { Sending = Task.WhenAll(running) };
    }

    /// <summary>Nothing more will come; blocks until the shards have sent what they hold or the queue ends.</summary>
    public void Drain()
    {
        foreach (var buffer in Buffers)
        {
            buffer.Complete();
        }

        Sending.GetAwaiter().GetResult();
    }

    /// <summary>The log was read up to here: first requests that end before are whole. With the gate held, by the follower.</summary>
    public void SealUpTo(SamplePosition place)
    {
        for (var i = 0; i < Buffers.Length; i++)
        {
            if (Boundaries.EndsBefore(i, place))
            {
                Buffers[i].Seal();
            }
        }
    }

    /// <summary>What the shards hold is sent as it is, without waiting for more.</summary>
    /// <returns>For <see cref="HaveAnswered"/>.</returns>
    public long[] SendNow()
    {
        lock (Gate)
        {
            return [.. Buffers.Select(static buffer => buffer.SendNow())];
        }
    }

    /// <summary>Whether the receiver has answered for all that the shards held at <see cref="SendNow"/>.</summary>
    public bool HaveAnswered(long[] batches)
    {
        lock (Gate)
        {
            for (var i = 0; i < Buffers.Length; i++)
            {
                if (Buffers[i].Answered < batches[i])
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Takes out samples of this timestamp (ms) and newer; those on their way go out before their next try. Returns how many were taken out here.</summary>
    public int Purge(long fromMs)
    {
        lock (Gate)
        {
            return Buffers.Sum(buffer => buffer.Purge(fromMs));
        }
    }

    /// <summary>What waits for room looks again.</summary>
    public void Wake()
    {
        lock (Gate)
        {
            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>Everything before <paramref name="place"/> was given to the shards: one that has nothing left is there.</summary>
    public void NoteIdle(PositionJournal journal, SamplePosition place)
    {
        // Only the caller adds, so a shard that is idle stays it.
        for (var i = 0; i < Buffers.Length; i++)
        {
            bool isIdle;
            lock (Gate)
            {
                isIdle = Buffers[i].IsIdle;
            }

            if (isIdle && !Boundaries.IsRebuilding(i))
            {
                journal.Acknowledge(Positions, i, place);
            }
        }
    }
}
