namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>How far one shard is.</summary>
/// <param name="Acknowledged">The receiver has answered for every sample of the shard before this.</param>
/// <param name="RequestEnd">The request on its way holds the shard's samples from <paramref name="Acknowledged"/> up to here; the same place when there is none.</param>
internal readonly record struct ShardPosition(SamplePosition Acknowledged, SamplePosition RequestEnd)
{
    public ShardPosition(SamplePosition acknowledged)
        : this(acknowledged, acknowledged)
    {
    }

    public bool HasRequest => RequestEnd > Acknowledged;
}

/// <summary>Where a shard starts.</summary>
/// <param name="RepeatsUntil">
/// Samples before this may have reached the receiver without its answer reaching the position file: a request with such a sample is split when it is refused.
/// </param>
internal readonly record struct ShardStart(ShardPosition Position, SamplePosition RepeatsUntil)
{
    /// <summary>Nothing from before is on its way.</summary>
    public ShardStart(SamplePosition position)
        : this(new ShardPosition(position), position)
    {
    }
}
