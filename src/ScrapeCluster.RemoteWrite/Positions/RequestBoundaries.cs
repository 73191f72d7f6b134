namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>
/// How the log is cut when it is read again: each shard skips what was answered for, and its first request ends where the one ended that was on its way.
/// Behind <see cref="Highest"/> nothing of it matters any more. One thread; positions are asked about in rising order.
/// </summary>
internal sealed class RequestBoundaries
{
    private readonly ShardStart[] _shards;
    private readonly bool[] _isOpen;

    public RequestBoundaries(ReadOnlySpan<ShardStart> shards)
    {
        _shards = shards.ToArray();
        _isOpen = new bool[_shards.Length];
        for (var i = 0; i < _shards.Length; i++)
        {
            _isOpen[i] = _shards[i].Position.HasRequest;
            Highest = SamplePosition.Max(Highest, SamplePosition.Max(_shards[i].Position.RequestEnd, _shards[i].RepeatsUntil));
        }
    }

    /// <summary>Nothing at or behind this is skipped, cut or a repeat.</summary>
    public SamplePosition Highest { get; }

    public bool IsAcknowledged(int shard, SamplePosition sample) => sample < _shards[shard].Position.Acknowledged;

    public bool MayRepeat(int shard, SamplePosition sample) => sample < _shards[shard].RepeatsUntil;

    /// <summary>True while the shard's first request is to be collected, whatever its size, up to the old end.</summary>
    public bool IsRebuilding(int shard) => _isOpen[shard];

    /// <summary>True, once, when the shard's first request ends at or before this place, so that nothing from here on belongs to it.</summary>
    public bool EndsBefore(int shard, SamplePosition place)
    {
        if (!_isOpen[shard] || place < _shards[shard].Position.RequestEnd)
        {
            return false;
        }

        _isOpen[shard] = false;
        return true;
    }
}
