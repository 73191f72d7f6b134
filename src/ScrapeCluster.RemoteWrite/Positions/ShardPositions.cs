namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>
/// The positions of all shards of a queue, as many as there are shards: a sample belongs to the shard of its series' reference modulo their number.
/// Arithmetic alone; <see cref="PositionJournal"/> guards it and writes it down.
/// </summary>
internal sealed class ShardPositions
{
    private readonly ShardPosition[] _shards;

    public ShardPositions(ReadOnlySpan<ShardPosition> shards)
    {
        ArgumentOutOfRangeException.ThrowIfZero(shards.Length);
        _shards = shards.ToArray();
    }

    public int Count => _shards.Length;

    public ReadOnlySpan<ShardPosition> Shards => _shards;

    /// <summary>Everything before this is answered for, whichever shard it belongs to.</summary>
    public SamplePosition Lowest
    {
        get
        {
            var lowest = _shards[0].Acknowledged;
            foreach (ref readonly var shard in _shards.AsSpan(1))
            {
                lowest = SamplePosition.Min(lowest, shard.Acknowledged);
            }

            return lowest;
        }
    }

    public ShardPosition this[int shard] => _shards[shard];

    public static ShardPositions AllAt(SamplePosition position, int count)
    {
        var shards = new ShardPosition[count];
        Array.Fill(shards, new ShardPosition(position));
        return new ShardPositions(shards);
    }

    /// <summary>A request with everything of the shard up to <paramref name="end"/> is about to be sent.</summary>
    public void Begin(int shard, SamplePosition end) => _shards[shard] = _shards[shard] with { RequestEnd = end };

    /// <summary>The receiver has answered, or the shard had nothing: the next request starts here.</summary>
    public void Acknowledge(int shard, SamplePosition end) => _shards[shard] = new ShardPosition(SamplePosition.Max(end, _shards[shard].Acknowledged));
}
