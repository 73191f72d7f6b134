namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>How a queue ends, shared by its follower and its shards.</summary>
internal sealed class QueueEnding
{
    private readonly Lock _guard = new();
    private readonly CancellationTokenSource _aborted = new();
    private readonly CancellationTokenSource _givenUp = new();
    private int _waiting;
    private bool _passesOn;

    /// <summary>Ends requests that are on their way.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Nothing more is read, begun or tried again; a request on its way may still end.</summary>
    public CancellationToken GivenUp => _givenUp.Token;

    /// <summary>What is not sent now is never sent: it counts as dropped. Else it stays owed.</summary>
    public bool DropsRest { get; set; }

    public void Abort()
    {
        _givenUp.Cancel();
        _aborted.Cancel();
    }

    /// <summary>A successor is there to go on: as soon as the receiver fails, or does already, the rest is left to it.</summary>
    public void PassOn()
    {
        bool isWaiting;
        lock (_guard)
        {
            _passesOn = true;
            isWaiting = _waiting > 0;
        }

        if (isWaiting)
        {
            _givenUp.Cancel();
        }
    }

    /// <summary>A shard begins to wait for its receiver to recover.</summary>
    public void StartWaiting()
    {
        bool passesOn;
        lock (_guard)
        {
            _waiting++;
            passesOn = _passesOn;
        }

        if (passesOn)
        {
            _givenUp.Cancel();
        }
    }

    public void StopWaiting()
    {
        lock (_guard)
        {
            _waiting--;
        }
    }
}
