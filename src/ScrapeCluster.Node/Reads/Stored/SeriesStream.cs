using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;

namespace ScrapeCluster.Node.Reads;

/// <summary>The series of one node, one by one out of its batches.</summary>
internal sealed class SeriesStream : IAsyncDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly IAsyncEnumerator<IReadOnlyList<FoundSeries>> _batches;
    private readonly TimeSpan _silence;
    private readonly TimeProvider _time;
    private IReadOnlyList<FoundSeries> _batch = [];
    private int _next;

    /// <param name="silence">Until the next batch; beyond it the node is taken for broken.</param>
    public SeriesStream(string node, IAsyncEnumerable<IReadOnlyList<FoundSeries>> batches, TimeSpan silence, TimeProvider time, CancellationToken cancellation)
    {
        Node = node;
        _silence = silence;
        _time = time;
        _over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _batches = batches.GetAsyncEnumerator(_over.Token);
    }

    public string Node { get; }

    public FoundSeries? Current { get; private set; }

    /// <summary>Waits for the first batch. Null, or why there is none.</summary>
    /// <exception cref="Storage.Queries.QueryLimitException">The node has more than was allowed.</exception>
    public async Task<string?> TryBeginAsync(TimeSpan patience)
    {
        try
        {
            _batch = await BatchWithinAsync(patience) ? _batches.Current : [];
            return null;
        }
        catch (Exception e) when (ReasonOf(e) is not null)
        {
            return ReasonOf(e);
        }
    }

    /// <exception cref="SeriesStreamBrokenException">The node said why it stops, or is gone.</exception>
    public async ValueTask<bool> MoveNextAsync()
    {
        Current = null;
        try
        {
            while (_next == _batch.Count)
            {
                _next = 0;
                if (!await BatchWithinAsync(_silence))
                {
                    _batch = [];
                    return false;
                }

                _batch = _batches.Current;
            }
        }
        catch (Exception e) when (ReasonOf(e) is not null)
        {
            throw new SeriesStreamBrokenException(ReasonOf(e)!, e);
        }

        Current = _batch[_next++];
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _batches.DisposeAsync();
        _over.Dispose();
    }

    /// <summary>A wait that takes too long ends the stream for good: what was waited for is over before this is.</summary>
    private async ValueTask<bool> BatchWithinAsync(TimeSpan patience)
    {
        var next = _batches.MoveNextAsync();
        if (next.IsCompleted || patience == Timeout.InfiniteTimeSpan)
        {
            return await next;
        }

        var waiting = next.AsTask();
        try
        {
            return await waiting.WaitAsync(patience, _time);
        }
        catch (TimeoutException) when (!waiting.IsCompleted)
        {
            await _over.CancelAsync();
            await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new TimeoutException($"no answer within {patience.TotalSeconds:0.#} s");
        }
    }

    /// <summary>Null for what is no news of the node.</summary>
    private static string? ReasonOf(Exception failure) => failure switch
    {
        TimeoutException or PeerUnavailableException or IOException => failure.Message,
        InvalidProtocolBufferException or InvalidDataException => failure.Message,
        _ => null,
    };
}

/// <summary>A node ended its series before their end.</summary>
internal sealed class SeriesStreamBrokenException(string reason, Exception? cause = null) : Exception(reason, cause);
