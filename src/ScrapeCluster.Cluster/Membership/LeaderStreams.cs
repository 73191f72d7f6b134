using System.Runtime.CompilerServices;
using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>The member's end of the leader's stream: answers it with frames, and tells the membership actor when it breaks.</summary>
internal sealed class LeaderStreams(FrameSource frames, EpochMark epochs, IActorRef membership)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;
    private bool _isOver;

    public async IAsyncEnumerable<IMessage> AnswerAsync(WatchRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (request.Epoch < epochs.Highest)
        {
            throw new InvalidOperationException($"{request.Leader} leads no more: its epoch is {request.Epoch}, {epochs.Highest} was seen");
        }

        if (!TryOpen())
        {
            yield break;
        }

        epochs.Raise(request.Epoch);
        membership.Tell(new LeaderStreamBegan(request.Leader, request.Epoch), ActorRefs.NoSender);
        try
        {
            await foreach (var frame in frames.ReportAsync(request.Epoch, cancellation))
            {
                yield return frame;
            }
        }
        finally
        {
            membership.Tell(new LeaderStreamEnded(request.Leader, request.Epoch), ActorRefs.NoSender);
            Close();
        }
    }

    /// <summary>No stream begins any more. Ends when the last of those that are open has told its end, which it does as soon as there is nothing to report.</summary>
    public Task EndAsync()
    {
        lock (_lock)
        {
            _isOver = true;
            TellIfAllEnded();
            return _allEnded.Task;
        }
    }

    private bool TryOpen()
    {
        lock (_lock)
        {
            _open += _isOver ? 0 : 1;
            return !_isOver;
        }
    }

    private void Close()
    {
        lock (_lock)
        {
            _open--;
            TellIfAllEnded();
        }
    }

    private void TellIfAllEnded()
    {
        if (_isOver && _open == 0)
        {
            _allEnded.TrySetResult();
        }
    }
}

internal sealed record LeaderStreamBegan(string Leader, long Epoch);

internal sealed record LeaderStreamEnded(string Leader, long Epoch);
