namespace ScrapeCluster.Node.Hosting;

/// <summary>What the node may be asked for now.</summary>
internal sealed class Readiness
{
    private volatile bool _isServing;
    private volatile bool _isMember;
    private volatile bool _isStopping;

    /// <summary>It scrapes what it is given: the log is replayed, the node has its place in the cluster, and it is not about to stop.</summary>
    public bool IsReady => _isServing && _isMember && !_isStopping;

    /// <summary>Its data can be read: from the start of the actors on, and while the node hands over what it scrapes.</summary>
    public bool IsServing
    {
        get => _isServing;
        set => _isServing = value;
    }

    /// <summary>It has a place in its cluster, or goes on with the one it had.</summary>
    public bool IsMember
    {
        get => _isMember;
        set => _isMember = value;
    }

    public bool IsStopping
    {
        get => _isStopping;
        set => _isStopping = value;
    }
}
